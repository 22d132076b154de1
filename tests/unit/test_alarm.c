/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The alarm of the wall clock, and a clock that is set as the alarm is. */
#include "base/clock.h"
#include "base/main_loop.h"

#include <dlfcn.h>
#include <errno.h>
#include <sys/timerfd.h>

static guint clock_changes; /* so many calls are yet to find that the clock was set */

/* In place of the C library's: it sets the timer, and may say what the kernel does when the clock is set meanwhile. */
int
timerfd_settime(int descriptor, int flags, const struct itimerspec *time, struct itimerspec *former)
{
    static __typeof__(&timerfd_settime) real;

    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, sizeof(time_t) > sizeof(long) ? "__timerfd_settime64" : "timerfd_settime");
    int result = real(descriptor, flags, time, former);
    if (result == 0 && (flags & TFD_TIMER_CANCEL_ON_SET) && clock_changes > 0) {
        clock_changes--;
        errno = ECANCELED;
        return -1;
    }
    return result;
}

static void
count(gpointer data)
{
    ++*(guint *)data;
}

static void
it_rings_when_the_time_has_come(void)
{
    guint rings = 0;
    g_autoptr(PfAlarm) alarm = pf_alarm_new(count, &rings);

    pf_alarm_set(alarm, pf_clock_now() - 1);
    while (rings == 0)
        g_main_context_iteration(NULL, TRUE);
    pf_alarm_set(alarm, pf_clock_now() + 1);
    while (rings == 1)
        g_main_context_iteration(NULL, TRUE);
}

static void
it_rings_at_once_when_the_clock_is_set_as_it_is_set(void)
{
    guint rings = 0;
    g_autoptr(PfAlarm) alarm = pf_alarm_new(count, &rings);

    clock_changes = 1;
    pf_alarm_set(alarm, pf_clock_now() + 3600);
    g_assert_cmpuint(clock_changes, ==, 0);
    while (rings == 0)
        g_main_context_iteration(NULL, TRUE);
    /* Whoever it rings for sets it again, by the clock as it is now. */
    pf_alarm_set(alarm, pf_clock_now() - 1);
    while (rings == 1)
        g_main_context_iteration(NULL, TRUE);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/alarm/it rings when the time has come", it_rings_when_the_time_has_come);
    g_test_add_func("/alarm/it rings at once when the clock is set as it is set",
                    it_rings_at_once_when_the_clock_is_set_as_it_is_set);
    return g_test_run();
}
