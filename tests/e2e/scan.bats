#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
bats_require_minimum_version 1.5.0
# What scan prints, and how it fails.

bats_require_minimum_version 1.5.0
load helper

write_feed() {
    cat >feed.xml <<'TXT'
<?xml version="1.0"?>
<rss version="2.0" xmlns:x="http://www.w3.org/2005/Atom"><channel>
<title>Two &amp; Two</title><link>https://a.example/</link>
<x:link rel="payment" href="https://flattr.com/submit/auto?url=https%3A%2F%2Fa.example%2F&amp;user_id=ann"/>
<item><title>Second</title><guid>2</guid><link>https://a.example/2</link><pubDate>Tue, 03 Jun 2014 12:00:00 +0000</pubDate>
<enclosure url="https://a.example/2.mp3" length="123" type="audio/mpeg"/>
<x:link rel="payment" href="https://www.paypal.example/ann"/>
<x:link rel="payment" href="https://flattr.com/submit/auto?url=https%3A%2F%2Fa.example%2F2&amp;user_id=ann"/></item>
<item><title>First</title><guid>1</guid><pubDate>Mon, 02 Jun 2014 12:00:00 +0000</pubDate></item>
<item><title>Undated</title></item>
</channel></rss>
TXT
}

@test "JSON has a line for each item, with every field of the contract" {
    write_feed
    run --separate-stderr "$PODFLATTR" scan --format=json feed.xml
    exits 0
    [ "${#lines[@]}" -eq 3 ]
    jq -e '. == {"feed":"feed.xml","feed_title":"Two & Two","guid":"2","title":"Second","link":"https://a.example/2",
        "published":"2014-06-03T12:00:00Z","enclosures":[{"url":"https://a.example/2.mp3","length":123,"type":"audio/mpeg"}],
        "payments":[{"url":"https://flattr.com/submit/auto?url=https%3A%2F%2Fa.example%2F2&user_id=ann","kind":"auto-submit",
        "from":"link","key":"https://a.example/2"},{"url":"https://www.paypal.example/ann","kind":"other","from":"link",
        "key":"https://www.paypal.example/ann"}],
        "channel_payments":[{"url":"https://flattr.com/submit/auto?url=https%3A%2F%2Fa.example%2F&user_id=ann",
        "kind":"auto-submit","from":"link","key":"https://a.example/"}],"funding":[],"value":[]}' <<<"${lines[0]}"
    jq -e '.guid == null and .published == null and .link == null and .enclosures == [] and .payments == []' <<<"${lines[2]}"
}

@test "JSON has an episode's other forms and its duration where the feed has them" {
    cp "$PF_SOURCE/tests/data/feeds/show-and-alternate-enclosures/input.xml" .
    run --separate-stderr "$PODFLATTR" scan --format=json input.xml
    exits 0
    jq -e '.duration == 3723 and (.enclosures | length) == 2 and .alternate_enclosures[0] ==
        {"url":"https://cdn.example/all.ogg","length":null,"type":null}' <<<"${lines[0]}"
    jq -e '(has("duration") or has("alternate_enclosures")) | not' <<<"${lines[3]}"
}

@test "JSON has links of every origin, best first, with what the item has in place of the channel's" {
    cat >all.xml <<'TXT'
<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:a="http://www.w3.org/2005/Atom" xmlns:c="http://purl.org/rss/1.0/modules/content/" xmlns:p="https://podcastindex.org/namespace/1.0" xml:base="https://a.example/shows/">
<channel><title>All &amp; everything</title><link>/</link>
<description>By &lt;a href="https://flattr.com/profile/ann"&gt;Ann&lt;/a&gt;</description>
<a:link rel="payment" href="https://www.paypal.example/ann"/>
<a:link rel="PAYMENT nofollow" href="https://flattr.com/submit/auto?user_id=ann&amp;url=https%3A%2F%2Fa.example%2F"/>
<p:funding url="https://fund.example/">Fund us</p:funding>
<p:value type="lightning" method="keysend"><p:valueRecipient name="Ann" type="node" address="02ab" split="100"/></p:value>
<p:liveItem status="live"><title>Now live</title><guid>live</guid></p:liveItem>
<item><title>First</title><guid isPermaLink="false">tag:1</guid><link>1.html</link><pubDate>Tue, 03 Jun 2014 14:00:00 +0200</pubDate>
<enclosure url="1.mp3" length="123" type="audio/mpeg"/><enclosure url="1.ogg" type="audio/ogg"/>
<description><![CDATA[<a href="/pay" rel="payment">pay</a> <a href="http://www.flattr.com/thing/7/x">thing</a> <a href="https://elsewhere.example/">no</a>
<a class="FlattrButton" href="https://a.example/b" title="The button" rel="flattr;uid:ann;category:text;tags:a,b;">What it is</a>]]></description>
<c:encoded>&lt;a class="FlattrButton" data-flattr-uid="ann" data-flattr-category="audio" href="https://a.example/b5"&gt;x&lt;/a&gt;</c:encoded>
<a:link rel="payment" href="pay?a=1&amp;b=2"/>
<a:link rel="payment" href="https://flattr.com/@ann"/>
<a:link rel="payment" href="https://flattr.com/submit/auto?url=https%3A%2F%2Fa.example%2F1&amp;user_id=ann"/>
<p:funding url="/fund">This one</p:funding>
<p:value type="lightning" method="keysend" suggested="0.01"><p:valueRecipient name="Bob" type="lnaddress" address="bob@b.example" split="1" customKey="k" customValue="v" fee="true"/></p:value>
</item>
<item><title>Second</title></item>
</channel></rss>
TXT
    run --separate-stderr "$PODFLATTR" -q scan --format=json all.xml
    exits 0
    [ "${#lines[@]}" -eq 2 ] # what is live is no episode
    jq -e '. == {"feed":"all.xml","feed_title":"All & everything","guid":"tag:1","title":"First",
        "link":"https://a.example/shows/1.html","published":"2014-06-03T12:00:00Z","enclosures":[
        {"url":"https://a.example/shows/1.mp3","length":123,"type":"audio/mpeg"},
        {"url":"https://a.example/shows/1.ogg","length":null,"type":"audio/ogg"}],"payments":[
        {"url":"https://flattr.com/submit/auto?url=https%3A%2F%2Fa.example%2F1&user_id=ann","kind":"auto-submit","from":"link",
        "key":"https://a.example/1"},
        {"url":"https://flattr.com/@ann","kind":"profile","from":"link","key":"profile:ann"},
        {"url":"https://a.example/shows/pay?a=1&b=2","kind":"other","from":"link","key":"https://a.example/shows/pay?a=1&b=2"},
        {"url":"https://flattr.com/submit/auto?url=https%3A%2F%2Fa.example%2Fb&user_id=ann&title=The%20button&description=What%20it%20is&category=text&tags=a%2Cb",
        "kind":"auto-submit","from":"button","key":"https://a.example/b"},
        {"url":"https://flattr.com/submit/auto?url=https%3A%2F%2Fa.example%2Fb5&user_id=ann&category=audio",
        "kind":"auto-submit","from":"button","key":"https://a.example/b5"},
        {"url":"http://www.flattr.com/thing/7/x","kind":"thing","from":"html","key":"thing:7"},
        {"url":"https://a.example/pay","kind":"other","from":"html","key":"https://a.example/pay"}],"channel_payments":[
        {"url":"https://flattr.com/submit/auto?user_id=ann&url=https%3A%2F%2Fa.example%2F","kind":"auto-submit","from":"link",
        "key":"https://a.example/"},
        {"url":"https://www.paypal.example/ann","kind":"other","from":"link","key":"https://www.paypal.example/ann"},
        {"url":"https://flattr.com/profile/ann","kind":"profile","from":"html","key":"profile:ann"}],
        "funding":[{"url":"https://a.example/fund","text":"This one"}],"value":[{"type":"lightning","method":"keysend",
        "suggested":"0.01","recipients":[{"name":"Bob","type":"lnaddress","address":"bob@b.example","split":1,
        "custom_key":"k","custom_value":"v","fee":true}]}]}' <<<"${lines[0]}"
    jq -e '[.guid, .link, .published, .enclosures, .payments] == [null, null, null, [], []] and (.channel_payments | length) == 3
        and .funding == [{"url":"https://fund.example/","text":"Fund us"}] and [.value[].recipients[].name] == ["Ann"]' <<<"${lines[1]}"
}

@test "JSON shows an item's own funding and value, else the channel's" {
    cat >money.xml <<'TXT'
<rss version="2.0" xmlns:p="https://podcastindex.org/namespace/1.0"><channel><title>T</title>
<p:funding url="https://fund.example/?a=1&amp;b=2">Fund us</p:funding>
<item><title>1</title></item>
<item><title>2</title><p:funding url="https://fund.example/2"/>
<p:value type="lightning" method="keysend" suggested="0.05">
<p:valueRecipient name="Ann" type="node" address="02ab" split="99" customKey="k" customValue="v"/>
<p:valueRecipient address="03cd" split="many" fee="true"/></p:value></item>
</channel></rss>
TXT
    run "$PODFLATTR" -q scan --format=json money.xml
    exits 0
    jq -e '.funding == [{"url":"https://fund.example/?a=1&b=2","text":"Fund us"}] and .value == []' <<<"${lines[0]}"
    jq -e '.funding == [{"url":"https://fund.example/2","text":null}] and .value == [{"type":"lightning",
        "method":"keysend","suggested":"0.05","recipients":[{"name":"Ann","type":"node","address":"02ab","split":99,
        "custom_key":"k","custom_value":"v","fee":false},{"name":null,"type":null,"address":"03cd","split":null,
        "custom_key":null,"custom_value":null,"fee":true}]}]' <<<"${lines[1]}"
}

@test "the table shows one line an episode, and the count goes to stderr" {
    write_feed
    run --separate-stderr "$PODFLATTR" scan feed.xml
    exits 0
    [ "${lines[0]}" = "Two & Two (feed.xml)" ]
    [[ ${lines[1]} =~ ^2014-06-03\ +Second\ +auto-submit\ +https://a.example/2$ ]]
    [[ ${lines[2]} =~ ^2014-06-02\ +First\ +channel\'s\ +https://a.example/$ ]]
    [ "${#lines[@]}" -eq 4 ]
    [[ $stderr == *"3 episodes, 1 with a link of their own"* ]]
}

@test "standard input is read as '-'" {
    write_feed
    run "$PODFLATTR" -q scan --format=json - <feed.xml
    exits 0
    is "$(jq -r .feed <<<"${lines[0]}")" -
}

@test "--limit and --since choose" {
    write_feed
    run "$PODFLATTR" -q scan --format=json --limit 1 feed.xml
    exits 0
    is "$(jq -r .title <<<"$output")" Second
    run --separate-stderr "$PODFLATTR" scan --format=json --since 2014-06-03 feed.xml
    exits 0
    is "$(jq -r .title <<<"$output")" Second
    [[ $stderr == *"1 skipped because it has no date"* ]]
    run "$PODFLATTR" scan --since whenever feed.xml
    exits 64
    [[ $output == *"--since must be a date"* ]]
}

@test "a web page that names a way to pay and no feed is one item" {
    printf '<!DOCTYPE html><title>One &amp; all</title><link rel="payment" href="https://flattr.com/thing/7/x">\n' >page
    run "$PODFLATTR" -q scan --format=json page
    exits 0
    jq -e '.title == "One & all" and .link == null and .guid == null and .channel_payments == [] and .payments ==
        [{"url":"https://flattr.com/thing/7/x","kind":"thing","from":"link","key":"thing:7"}]' <<<"$output"
}

@test "a page in a file names no other file as its feed" {
    write_feed
    for href in feed.xml "$PWD/feed.xml" "file://$PWD/feed.xml"; do
        printf '<html><link rel="alternate" type="application/rss+xml" href="%s"></html>\n' "$href" >page
        run --separate-stderr "$PODFLATTR" scan page
        exits 65
        [ -z "$output" ]
        [[ $stderr == *"names no feed on the web"* ]]
    done
}

@test "what is no feed is refused with the line, and exit status 65" {
    printf '<?xml version="1.0"?>\n\n<html><body>no feed here</body></html>\n' >page
    run --separate-stderr "$PODFLATTR" scan page
    exits 65
    [ -z "$output" ]
    [[ $stderr == *"page"*"line 3"*"html"* ]]
    : >empty
    run "$PODFLATTR" scan empty
    exits 65
    echo 'just words' >words
    run "$PODFLATTR" scan words
    exits 65
    [[ $output == *"line 1"* ]]
}

@test "a feed that breaks off gives its complete items, and says so" {
    write_feed
    sed 's|<title>First.*|<title>Fir|;/Fir$/q' feed.xml >half.xml
    run --separate-stderr "$PODFLATTR" scan --format=json half.xml
    exits 0
    is "$(jq -r .title <<<"$output")" Second
    [[ $stderr == *"half.xml: broken feed, read as far as it is complete: line "* ]]
}

@test "a limit that is hit is said, and what came before it is shown" {
    {
        echo '<rss><channel><title>Deep</title><item><title>First</title></item><item><title>Second</title>'
        for ((i = 0; i < 300; i++)); do printf '<x>'; done
    } >deep.xml
    run -0 --separate-stderr "$PODFLATTR" scan --format=json deep.xml
    is "$(jq -r .title <<<"$output")" First
    [[ $stderr == *"deep.xml: line 2: "*"more than 256 deep"* ]]
    sed 's/<item><title>First.*Second/<item><title>Second/' deep.xml >deeper.xml
    run --separate-stderr "$PODFLATTR" scan --format=json deeper.xml
    exits 65
    [ -z "$output" ]
}

@test "a text that is too large is cut off, and that is said" {
    {
        printf '<rss><channel><title>T</title>\n<item><title>Large</title><description>'
        head -c 1200000 /dev/zero | tr '\0' x
        printf '</description></item>\n<item><title>Next</title></item></channel></rss>'
    } >large.xml
    run -0 --separate-stderr "$PODFLATTR" scan --format=json large.xml
    is "$(jq -r .title <<<"$output" | tr '\n' ' ')" "Large Next "
    [[ $stderr == *"large.xml: "*"line 2: a text larger than 1 MiB"* ]]
}

@test "an attribute that is too large is cut off, and that is said" {
    {
        printf '<rss xmlns:atom="http://www.w3.org/2005/Atom"><channel>\n<item><title>Large</title>\n<enclosure url="https://a.example/'
        head -c 1200000 /dev/zero | tr '\0' x
        printf '"/></item>\n<item><title>Next</title></item></channel></rss>'
    } >large.xml
    run -0 --separate-stderr "$PODFLATTR" scan --format=json large.xml
    is "$(jq -r .title <<<"$output" | tr '\n' ' ')" "Large Next "
    [[ $stderr == *"large.xml: "*"line 3: an attribute larger than 1 MiB"* ]]
}

@test "more links than are kept of an item are cut off, and that is said" {
    {
        printf '<rss xmlns:atom="http://www.w3.org/2005/Atom"><channel>\n<item><title>Many</title>\n'
        for ((i = 0; i <= 1000; i++)); do printf '<atom:link rel="payment" href="https://a.example/%d"/>\n' $i; done
        printf '</item></channel></rss>'
    } >many.xml
    run -0 --separate-stderr "$PODFLATTR" scan --format=json many.xml
    is "$(jq '.payments | length' <<<"$output")" 1000
    [[ $stderr == *"many.xml: "*"line 1003: more than 1000"* ]]
}

@test "a text with more links than are kept of it is reported" {
    {
        printf '<rss><channel><item><title>Many</title><description>'
        for ((i = 1; i <= 1001; i++)); do printf '&lt;a href="https://flattr.com/t/%d">x&lt;/a> ' $i; done
        printf '</description></item></channel></rss>'
    } >many.xml
    run -0 --separate-stderr "$PODFLATTR" scan --format=json many.xml
    is "$(jq '.payments | length' <<<"$output")" 1000
    [[ $stderr == *"many.xml: a description was searched only in part"*": Many"* ]]
}

@test "a channel's link after more episodes than are kept back is reported" {
    {
        printf '<rss xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Late</title>'
        for ((i = 1; i <= 1001; i++)); do printf '<item><guid>%d</guid></item>' $i; done
        printf '<atom:link rel="payment" href="https://flattr.com/t/1"/></channel></rss>'
    } >late.xml
    run -0 --separate-stderr "$PODFLATTR" scan --format=json late.xml
    is "$(jq -s 'map(.channel_payments | length) | add' <<<"$output")" 1
    [[ $stderr == *"late.xml: the channel's payment link comes after more than 1000 episodes"* ]]
}

@test "a broken feed with no complete item is an error" {
    printf '<rss><channel><item><title>Fir' >half.xml
    run --separate-stderr "$PODFLATTR" scan half.xml
    exits 65
    [[ $stderr == *"half.xml: broken feed without a complete item: line 1"* ]]
}

@test "a missing file is named, and an address without a scheme is shown with one" {
    run "$PODFLATTR" scan nowhere
    exits 66
    [[ $output == *"nowhere: No such file"* ]]
    run "$PODFLATTR" scan localhost:1/feed
    exits 66
    [[ $output == *"localhost:1/feed: no such file; an address begins with http:// or https://; http://localhost:1/feed: "* ]]
    run "$PODFLATTR" scan ann:s3cret@feeds.example/feed
    exits 66
    [[ $output == *"@feeds.example/feed"* && $output != *s3cret* ]]
}

@test "an address may lack its scheme where there is no such file, and a list says what it leaves out" {
    sandbox_start
    run --separate-stderr "$PODFLATTR" scan "${sandbox#http://}/nothing-here"
    exits 66
    [[ $stderr == *"HTTP status 404"* ]]
    write_feed
    mkdir -p localhost:1
    cp feed.xml localhost:1/feed
    run "$PODFLATTR" scan localhost:1/feed
    exits 0
    cat >list.opml <<'TXT'
<opml version="2.0"><body><outline xmlUrl="gopher://ann:s3cret@a.example/feed"/><outline xmlUrl="feed.xml"/><outline xmlUrl="ftp://a.example/x"/></body></opml>
TXT
    run --separate-stderr "$PODFLATTR" scan list.opml
    exits 0
    [[ $stderr == *"list.opml: left out gopher://ann@a.example/feed and 1 more"* ]]
}

@test "a server that is not there is told from one that has no feed" {
    run "$PODFLATTR" scan http://127.0.0.1:1/feed.xml
    exits 69
    [[ $output == *"127.0.0.1:1"* ]]
    sandbox_start
    run "$PODFLATTR" scan "$sandbox/nothing-here"
    exits 69
    [[ $output == *404* ]]
}

@test "a feed that fails does not keep the next one from being read" {
    write_feed
    run --separate-stderr "$PODFLATTR" scan --format=json nowhere.xml feed.xml
    exits 66
    [ "${#lines[@]}" -eq 3 ]
    [[ $stderr == *nowhere.xml* ]]
}

@test "control characters from a feed do not reach the terminal" {
    printf '<rss><channel><title>T</title><item><title>a\302\233b\342\200\256c</title></item></channel></rss>' >feed.xml
    run "$PODFLATTR" -q scan feed.xml
    exits 0
    [[ $output != *$'\302\233'* ]]
    [[ $output != *$'\342\200\256'* ]]
}

@test "results that cannot be written are an error" {
    [ -e /dev/full ] || skip "there is no /dev/full"
    write_feed
    run bash -c '"$PODFLATTR" -q scan feed.xml >/dev/full'
    exits 74
    [[ $output == *"cannot write the results"* ]]
}

@test "a long feed takes no more memory than a short one" {
    # The sanitizers keep freed memory for a while and measure with a heavier hand.
    export ASAN_OPTIONS=${ASAN_OPTIONS+$ASAN_OPTIONS:}quarantine_size_mb=1
    for count in 2000 40000; do
        {
            echo '<rss xmlns:a="http://www.w3.org/2005/Atom"><channel><title>Long</title>'
            awk -v n="$count" 'BEGIN { for (i = 1; i <= n; i++) printf "<item><title>Episode %d</title><guid>%d</guid><description>%0400d</description><a:link rel=\"payment\" href=\"https://flattr.com/submit/auto?url=http%%3A%%2F%%2Fa%%2F%d\"/></item>\n", i, i, i, i }'
            echo '</channel></rss>'
        } >feed.xml
        python3 - "$PODFLATTR" "items.$count" >"peak.$count" <<'TXT'
import resource, subprocess, sys
with open(sys.argv[2], "wb") as items:
    subprocess.run([sys.argv[1], "-q", "scan", "--format=json", "feed.xml"], stdout=items, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
TXT
        [ "$(wc -l <"items.$count")" -eq "$count" ]
    done
    short=$(<peak.2000) long=$(<peak.40000)
    echo "peak memory: $short KiB for 2,000 items, $long KiB for 40,000"
    room=2048
    [ -z "$PF_SANITIZERS" ] || room=20480
    [ "$long" -le $((short + room)) ]
}
