// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Says whom a token belongs to: an example of libflattr in C++.
//
//     c++ -std=c++17 flattr-whoami.cc -o flattr-whoami $(pkg-config --cflags --libs libflattr)
//     FLATTR_API=https://api.example.org/rest/v2 FLATTR_TOKEN=… ./flattr-whoami
#include <flattr/flattr.h>

#include <cstdlib>
#include <iostream>
#include <memory>

// What libflattr gives away is owned by a smart pointer, with its free function.
using Session = std::unique_ptr<FlattrSession, decltype(&flattr_session_free)>;
using User = std::unique_ptr<FlattrUser, decltype(&flattr_user_free)>;

static int fail(GError *error)
{
    std::cerr << "flattr-whoami: " << error->message << '\n';
    g_error_free(error);
    return EXIT_FAILURE;
}

int main()
{
    const char *endpoint = std::getenv("FLATTR_API");
    GError *error = nullptr;
    Session session(flattr_session_new(endpoint ? endpoint : "", "flattr-whoami/1", &error), flattr_session_free);

    if (!session || !flattr_session_set_token(session.get(), std::getenv("FLATTR_TOKEN"), &error))
        return fail(error);
    User user(flattr_session_get_user(session.get(), nullptr, &error), flattr_user_free);
    if (!user)
        return fail(error);
    const char *name = flattr_user_get_username(user.get());
    std::cout << (name ? name : "somebody without a name") << '\n';
    return EXIT_SUCCESS;
}
