# SPDX-License-Identifier: GPL-2.0-or-later
"""documented_examples.py READY: holds every example of the API's documentation against a new flattr-sandbox: status,
headers, and each field's presence, type and, where the documentation fixes it, value. READY is the line that the sandbox
prints. Says every deviation, and how many there are."""
import base64
import http.client
import json
import re
import sys
import urllib.parse

ready = json.load(open(sys.argv[1]))
API = urllib.parse.urlsplit(ready["api"])
BASE = f"{API.scheme}://{API.netloc}"
deviations, checked = [], 0


def check(name, good, what):
    global checked
    checked += 1
    if not good:
        deviations.append(f"{name}: {what}")


# --- what a field may be: a type, a value, a pattern, an object or a list of one ---

class Pattern(str):
    """A text of that form."""


def either(*choices):
    return ("either", choices)


def matches(wanted, value):
    if isinstance(wanted, tuple):
        return any(matches(choice, value) for choice in wanted[1])
    if isinstance(wanted, type):
        return type(value) is wanted
    if isinstance(wanted, Pattern):
        return isinstance(value, str) and re.fullmatch(wanted, value) is not None
    return type(value) is type(wanted) and value == wanted


def compare(name, wanted, value, more=()):
    """@more: fields that the tables of the documentation name beyond the example."""
    if isinstance(wanted, dict):
        check(name, isinstance(value, dict), "is no object")
        for field, form in wanted.items() if isinstance(value, dict) else ():
            check(f"{name}.{field}", field in value, "is missing")
            if field in value:
                compare(f"{name}.{field}", form, value[field], more)
        for field in value if isinstance(value, dict) else ():
            check(f"{name}.{field}", field in wanted or field in more, "is not documented")
    elif isinstance(wanted, list):
        check(name, isinstance(value, list) and value, "is no list with something in it")
        for index, item in enumerate(value if isinstance(value, list) else ()):
            compare(f"{name}[{index}]", wanted[0], item, more)
    else:
        check(name, matches(wanted, value), f"is {value!r}")


MORE_OF_THINGS = ("flattrs_user_count",)
RESOURCE = re.escape(ready["api"])
MINI_USER = {"type": "user", "resource": Pattern(RESOURCE + r"/users/[^/]+"),
             "link": Pattern(r"https://flattr\.com/profile/[^/]+"), "username": str}
USER = {**MINI_USER, "firstname": str, "lastname": str, "avatar": str, "about": str, "city": str, "country": str,
        "url": str}
USER_EXTENDED = {**USER, "email": str, "registered_at": int}
MINI_THING = {"type": "thing", "resource": Pattern(RESOURCE + r"/things/\d+"),
              "link": Pattern(r"https://flattr\.com/thing/\d+"), "id": int, "flattrs": int, "url": str, "title": str,
              "image": str}
THING_PUBLIC = {**MINI_THING, "language": "en_GB", "category": str, "owner": MINI_USER, "hidden": bool,
                "created_at": int, "tags": list, "description": str}
THING = {**THING_PUBLIC, "flattred": bool, "subscribed": bool}
THING_OWNED = {**THING, "last_flattr_at": int, "updated_at": int}
FLATTR = {"type": "flattr", "thing": {**MINI_THING, "owner": MINI_USER}, "owner": MINI_USER, "created_at": int}
SUBSCRIPTION = {"type": "subscription", "active": bool, "created_at": int, "started_at": int, "thing": THING}
ACTIVITIES = {"items": [{
    "published": Pattern(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+01:00"), "title": Pattern(r'\S+ flattred ".+"'),
    "actor": {"displayName": str, "url": Pattern(r"https://flattr\.com/profile/\S+"), "objectType": "person"},
    "verb": "like",
    "object": {"displayName": str, "url": Pattern(r"https://flattr\.com/thing/\d+/\S+"), "objectType": "bookmark"},
    "id": Pattern(r"tag:flattr\.com,\d{4}-\d\d-\d\d:\S+/flattr/\d+")}]}
LOCATION = Pattern(RESOURCE + r"/things/\d+")
JSON = "application/json;charset=utf-8"


def error(code, text=str, uri="https://developers.flattr.net/api"):
    return {"error": code, "error_description": text, "error_uri": uri}


# --- asking ---

def send(method, address, headers=None, body=None):
    connection = http.client.HTTPConnection(API.netloc)
    connection.request(method, address, body, headers or {})
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read()


def control(method, path, value):
    return json.loads(send(method, "/_sandbox/" + path, {"Content-Type": "application/json"}, json.dumps(value))[2])


def example(name, method, path, status, wanted=None, token=None, body=None, headers=(), type=JSON, limited=True,
            more=MORE_OF_THINGS):
    """One example of the documentation. @wanted: None for an empty body"""
    sent = {"Authorization": f"Bearer {token}"} if token else {}
    if body is not None:
        sent["Content-Type"] = "application/json"
    answered, got, content = send(method, API.path + path, sent, json.dumps(body) if body is not None else None)
    check(name, answered == status, f"is answered {answered} instead of {status}: {content[:200]}")
    check(name, got.get("Content-Type") == type, f"has the type {got.get('Content-Type')}")
    for header in ("Limit", "Remaining", "Current", "Reset"):
        has = re.fullmatch(r"\d+", got.get("X-RateLimit-" + header, "")) is not None
        check(name, has == limited, f"has {'no' if limited else 'a'} header X-RateLimit-{header}")
    for header, form in headers:
        check(name, matches(form, got.get(header)), f"has the header {header}: {got.get(header)}")
    if wanted is None:
        check(name, content == b"", f"has a body: {content[:200]}")
        return None
    value = json.loads(content)
    compare(name, wanted, value, more)
    return value


def main():
    own = ready["access_token"]
    other = control("PUT", "user", {"user": "flattr", "means": 10})["access_token"]
    plain = control("PUT", "user", {"user": "qzio", "means": 10, "scopes": ""})["access_token"]
    flattrs = control("PUT", "user", {"user": "qzio", "means": 10, "scopes": "flattr"})["access_token"]
    page = "http://blog.flattr.net/2011/10/api-v2-beta-out-whats-changed/"
    auto = "http://flattr.com/submit/auto?" + urllib.parse.urlencode({"url": page, "user_id": "flattr"})

    # things
    made = example("create a thing", "POST", "/things", 201,
                   {"id": int, "link": LOCATION, "message": "ok", "description": "Thing was created successfully"}, other,
                   {"url": page, "title": "API v2 beta out - what's changed?", "tags": "api,ruby", "category": "software"})
    number = made["id"]
    example("create a thing, invalid url", "POST", "/things", 400,
            error("validation", "Invalid url", "http://developers.flattr.net/api"), other, {"url": "nonsense"})
    example("update a thing", "PATCH", f"/things/{number}", 200,
            {"message": "ok", "description": "Thing was updated correctly"}, other, {"title": "API v2 documentation"})
    example("update a thing by POST", "POST", f"/things/{number}", 200,
            {"message": "ok", "description": "Thing was updated correctly"}, other,
            {"title": "API v2 documentation", "_method": "patch"})
    example("get a thing, public", "GET", f"/things/{number}", 200, THING_PUBLIC)
    example("get a thing, another's", "GET", f"/things/{number}", 200, THING, own)
    example("get a thing, one's own", "GET", f"/things/{number}", 200, THING_OWNED, other)
    second = example("create a second thing", "POST", "/things", 201,
                     {"id": int, "link": LOCATION, "message": "ok", "description": str}, other, {"url": page + "2"})["id"]
    example("get multiple things", "GET", f"/things/{number},{second}", 200, [THING_PUBLIC])
    example("list a user's things", "GET", "/users/flattr/things", 200, [THING], own)
    example("list the own things", "GET", "/user/things", 200, [THING_OWNED], other)
    found = {"message": "found", "location": LOCATION}
    for name, url in (("look up a URL", page), ("look up an auto-submit URL", auto)):
        example(name, "GET", "/things/lookup/?url=" + urllib.parse.quote(url, ""), 302, found,
                headers=[("Location", LOCATION)])
    example("look up an unknown URL", "GET", "/things/lookup/?url=http://nowhere.example/", 404,
            {"message": "not_found", "description": "No thing was found"})
    example("look up another's auto-submit URL", "GET",
            "/things/lookup/?url=" + urllib.parse.quote(auto.replace("user_id=flattr", "user_id=qzio"), ""), 400,
            error("validation"))
    example("search", "GET", "/things/search?query=documentation&category=software&tags=ruby", 200,
            {"total_items": 1, "items": 1, "page": 1, "things": [THING_PUBLIC]})
    example("an unknown thing", "GET", "/things/nothing_here", 404, error("not_found", "The resource was not found"))

    # flattrs
    flattred = {"message": "ok", "description": "Thing was successfully flattred", "thing": MINI_THING}
    example("flattr a URL", "POST", "/flattr", 200, flattred, own, {"url": auto})
    example("flattr a thing", "POST", f"/things/{second}/flattr", 200, flattred, own, {})
    example("flattr it again", "POST", f"/things/{second}/flattr", 403, error("flattr_once"), own, {})
    example("flattr an own thing", "POST", f"/things/{second}/flattr", 403, error("flattr_owner"), other, {})
    example("flattr an unknown thing", "POST", "/things/99/flattr", 404, error("not_found"), own, {})
    example("flattr nothing", "POST", "/flattr", 400, error("invalid_request"), own, {})
    example("flattr without the scope", "POST", "/flattr", 403, error("insufficient_scope"), plain, {"url": auto})
    for name, path in (("list a user's flattrs", "/users/demo/flattrs"), ("list the own flattrs", "/user/flattrs"),
                       ("list a thing's flattrs", f"/things/{number}/flattrs")):
        example(name, "GET", path, 200, [FLATTR], own)
    for path in ("/user", "/user/things", "/user/flattrs", "/user/activities"):
        example(path + " without a token", "GET", path, 401, error("unauthorized"))
    for path in ("/users/nobody", "/users/nobody/things", "/users/nobody/flattrs", "/users/nobody/activities"):
        example(path, "GET", path, 404, error("not_found"))
    control("PUT", "means", {"user": "qzio", "means": 0})
    example("flattr without means", "POST", "/flattr", 401, error("no_means"), flattrs, {"url": auto})

    # subscriptions
    example("subscribe", "POST", f"/things/{number}/subscriptions", 200,
            {"message": "ok", "description": "Successfully subscribed to Thing", "thing": MINI_THING}, own, {})
    example("subscribe again", "POST", f"/things/{number}/subscriptions", 403, error("subscribed"), own, {})
    example("subscribe to an own thing", "POST", f"/things/{number}/subscriptions", 403, error("thing_owner"), other, {})
    example("subscribe without the scope", "POST", f"/things/{number}/subscriptions", 403, error("insufficient_scope"),
            plain, {})
    example("subscribe to nothing", "POST", "/things/99/subscriptions", 404, error("not_found"), own, {})
    example("list subscriptions", "GET", "/user/subscriptions", 200, [SUBSCRIPTION], own)
    example("pause a subscription", "PUT", f"/things/{number}/subscriptions", 200,
            {"message": "paused", "description": "Subscription paused"}, own, {})
    example("start a subscription", "PUT", f"/things/{number}/subscriptions", 200,
            {"message": "started", "description": "Subscription started"}, own, {})
    example("delete a subscription", "DELETE", f"/things/{number}/subscriptions", 204, None, own)
    example("delete no subscription", "DELETE", f"/things/{number}/subscriptions", 404, error("not_found"), own)

    # users, activities, categories, languages
    example("get a user", "GET", "/users/flattr", 200, USER)
    example("get the token's user", "GET", "/user", 200, USER, plain)
    example("get the token's user, extended", "GET", "/user", 200, USER_EXTENDED, own)
    for path in ("/users/demo/activities", "/user/activities", "/user/activities.as"):
        example(path, "GET", path, 200, ACTIVITIES, own, type="application/stream+json")
    choice = [{"id": str, "text": str}]
    categories = example("categories", "GET", "/categories", 200, choice)
    check("categories", [item["id"] for item in categories] == "text images video audio software people rest".split()
          and categories[-1]["text"] == "Other", "are others")
    languages = example("languages", "GET", "/languages", 200, choice)
    check("languages", [item["id"] for item in languages[:4]] == "en_GB sq_AL ar_DZ be_BY".split(), "begin with others")

    # partners
    example("verify a user", "POST", "/users/flattr/verify", 200, None, own, {"identity": "partner:site:1"})
    example("verify the token's user", "POST", "/user/verify", 200, None, own, {"identity": "partner:site:2"})
    example("verify an identity that is none", "POST", "/user/verify", 401, error("unauthorized"), own,
            {"identity": "nonsense"})

    # the rest of the introduction
    example("rate limit", "GET", "/rate_limit", 200,
            {"hourly_limit": int, "remaining_hits": int, "current_hits": int, "reset_time_in_seconds": int,
             "reset_time": Pattern(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000 GMT")}, limited=False)
    example("an unknown format", "GET", "/users/flattr.as", 406, error("not_acceptable"))
    for suffix, type in ((".xml", "text/xml"), (".yaml", "application/yaml"), (".txt", "text/plain")):
        status, headers, _ = send("GET", API.path + "/categories" + suffix)
        check("categories" + suffix, status == 200 and headers["Content-Type"].split(";")[0] == type, "is another type")
    example("delete another's thing", "DELETE", f"/things/{number}", 403, error("forbidden"), own)
    example("delete a thing without the scope", "DELETE", f"/things/{number}", 403, error("forbidden"), flattrs)
    example("delete a thing", "DELETE", f"/things/{number}", 204, None, other)
    token()
    control("PUT", "rate-limit", {"limit": 0})
    example("too many requests", "GET", "/categories", 403, error("rate_limit_exceeded"))

    for line in deviations:
        print(line)
    print(f"{checked} checks, {len(deviations)} deviations")


def token():
    """The flow by code, as the introduction shows it."""
    client = {"client_id": ready["client_id"], "redirect_uri": "http://localhost", "response_type": "code",
              "scope": "flattr thing"}
    form = urllib.parse.urlencode({**client, "decision": "allow"})
    _, headers, _ = send("POST", "/oauth/authorize", {"Content-Type": "application/x-www-form-urlencoded"}, form)
    code = urllib.parse.parse_qs(urllib.parse.urlsplit(headers["Location"]).query)["code"][0]
    pair = base64.b64encode(f"{ready['client_id']}:{ready['client_secret']}".encode()).decode()
    status, headers, content = send(
        "POST", "/oauth/token", {"Authorization": "Basic " + pair, "Content-Type": "application/json"},
        json.dumps({"code": code, "grant_type": "authorization_code", "redirect_uri": "http://localhost"}))
    check("access token", status == 200, f"is answered {status}")
    for header, value in (("Content-Type", "application/json; charset=utf-8"), ("Cache-Control", "no-store"),
                          ("Expires", "Thu, 19 Nov 1981 08:52:00 GMT"), ("Pragma", "no-cache")):
        check("access token", headers.get(header) == value, f"has the header {header}: {headers.get(header)}")
    compare("access token", {"access_token": Pattern(r"[0-9a-f]{40}"), "token_type": "bearer"}, json.loads(content),
            ("scope",))


main()
