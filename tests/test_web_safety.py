"""Who may reach the page and with what: headers, hosts, sizes, rates, users, uploads."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import PageUnavailable
from assistant.web.front import rewrite
from assistant.web.security import RateLimit, inline_scripts, is_loopback, policy
from assistant.web.site import Access, access_for, guarded
from assistant.web.uploads import MAX_FILES, keep_uploads, safe_name
from assistant.web.users import COOKIE, Users


def app() -> FastAPI:
    inner = FastAPI()

    @inner.get("/")
    def front() -> str:
        return "page"

    @inner.post("/v1/ask")
    def ask() -> str:
        return "answer"

    return inner


def client(*, loopback: bool = True, users: Users | None = None, host: str = "127.0.0.1") -> TestClient:
    whole = guarded(app(), Access(loopback=loopback, users=users, may_change=True), max_upload_bytes=0)
    return TestClient(whole, base_url=f"http://{host}", follow_redirects=False)


@pytest.fixture
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is, no bucket of requests fills up again."""
    monkeypatch.setattr("assistant.web.security.time", SimpleNamespace(monotonic=lambda: 0.0))


def test_every_answer_carries_the_headers() -> None:
    for answer in (client().get("/"), client().post("/v1/ask", headers={"Origin": "https://evil.example"})):
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"


def test_other_sites_and_other_names_are_refused() -> None:
    assert client().post("/v1/ask", headers={"Origin": "https://evil.example"}).status_code == 403
    assert client().post("/v1/ask", headers={"Origin": "http://127.0.0.1"}).status_code == 200
    assert client(host="evil.example").get("/").status_code == 421
    assert client(host="localhost").get("/").status_code == 200


def test_large_bodies_and_uploads_without_leave_are_refused() -> None:
    answer = client().post("/v1/ask", content=b"x" * 1_000_001)
    assert answer.status_code == 413
    assert "请求太大" in answer.json()["error"]["message"]
    assert client().post("/gradio_api/upload", content=b"x").status_code == 413


@pytest.mark.usefixtures("stopped_clock")
def test_a_client_that_asks_too_often_waits() -> None:
    page = client(loopback=False, users=Users({"a": "b"}))
    answers = [page.post("/v1/ask", auth=("a", "b")).status_code for _ in range(32)]
    assert answers[:30] == [200] * 30
    assert answers[30:] == [429] * 2
    refused = page.post("/v1/ask", auth=("a", "b"))
    assert int(refused.headers["retry-after"]) >= 1
    assert "请求太多" in refused.json()["error"]["message"]
    limit = RateLimit(per_second=2, burst=1)
    assert limit.wait("x", now=0.0) == 0
    assert limit.wait("x", now=0.0) == pytest.approx(0.5)
    assert limit.wait("y", now=0.0) == 0
    assert limit.wait("x", now=0.6) == 0


@pytest.mark.usefixtures("stopped_clock")
def test_users_are_limited_each_for_themselves_wherever_they_are() -> None:
    users = Users({"a": "b", "c": "d"})
    whole = guarded(app(), Access(loopback=False, users=users, may_change=False), max_upload_bytes=0)
    here, there = (TestClient(whole, client=(address, 50_000)) for address in ("10.0.0.1", "10.0.0.2"))
    for _ in range(31):
        last = here.post("/v1/ask", auth=("a", "b")).status_code
    assert last == 429
    assert there.post("/v1/ask", auth=("a", "b")).status_code == 429
    assert here.post("/v1/ask", auth=("c", "d")).status_code == 200
    assert here.get("/", auth=("a", "b")).status_code == 200


def test_who_signs_out_is_out_and_nobody_else() -> None:
    users = Users({"a": "b"})
    here, there = client(loopback=False, users=users), client(loopback=False, users=users)
    for page in (here, there):
        page.post("/login", data={"user": "a", "password": "b"})
    token = here.cookies[COOKIE]
    answer = here.post("/logout")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert COOKIE not in here.cookies
    assert users.of_session(token) is None
    assert there.get("/").status_code == 200


def test_a_page_open_to_others_changes_nothing_unless_allowed(tmp_path: Path) -> None:
    file = tmp_path / "users"
    file.write_text("a:b", encoding="utf-8")
    for host, auth, allow_admin, may_change in (
        ("127.0.0.1", None, False, True),
        ("0.0.0.0", file, False, False),
        ("0.0.0.0", file, True, True),
    ):
        assert access_for(host, auth=auth, allow_admin=allow_admin).may_change == may_change
    with pytest.raises(PageUnavailable, match="--auth"):
        access_for("0.0.0.0", auth=None, allow_admin=True)


def test_strangers_see_the_login_page_and_users_the_page() -> None:
    page = client(loopback=False, users=Users({"小林": "密码:1"}), host="10.0.0.5")
    assert page.get("/", headers={"Accept": "text/html"}).headers["location"] == "/login"
    turned_away = page.post("/v1/ask")
    assert turned_away.status_code == 401
    assert turned_away.headers["www-authenticate"].startswith("Basic ")
    by_script = page.post("/v1/ask", headers={"Sec-Fetch-Mode": "cors"})
    assert "www-authenticate" not in by_script.headers, "the browser would open a window of its own"
    assert "登录引据" in page.get("/login").text
    assert page.post("/login", data={"user": "小林", "password": "错"}).status_code == 401
    answer = page.post("/login", data={"user": "小林", "password": "密码:1"})
    assert answer.status_code == 303
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert page.get("/").text == '"page"'
    page.cookies.clear()
    page.cookies.set(COOKIE, "forged")
    assert page.get("/").status_code == 401


def test_a_permalink_is_carried_through_the_login() -> None:
    page = client(loopback=False, users=Users({"a": "b"}))
    query = "article=x%26y&start=1"
    location = page.get(f"/?{query}", headers={"Accept": "text/html"}).headers["location"]
    assert location.startswith("/login?next=article%3D")
    assert 'name="next" value="article=x%26y&amp;start=1"' in page.get(location).text
    failed = page.post("/login", data={"user": "a", "password": "?", "next": query})
    assert 'value="article=x%26y&amp;start=1"' in failed.text
    answer = page.post("/login", data={"user": "a", "password": "b", "next": query})
    assert answer.headers["location"] == f"/?{query}"
    assert "SameSite=lax" in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    "wanted", ["//evil.example", "https://evil.example", "\r\nSet-Cookie: x=1", '"><script>']
)
def test_what_follows_the_login_is_never_another_site_or_code(wanted: str) -> None:
    page = client(loopback=False, users=Users({"a": "b"}))
    assert "<script" not in page.get("/login", params={"next": wanted}).text
    answer = page.post("/login", data={"user": "a", "password": "b", "next": wanted})
    assert answer.headers["location"].startswith("/?")
    assert len(answer.headers.get_list("set-cookie")) == 1


@pytest.mark.usefixtures("stopped_clock")
def test_guessing_passwords_is_slowed_down() -> None:
    page = client(loopback=False, users=Users({"a": "b"}))
    tries = [
        page.post("/login", data={"user": "a", "password": str(number)}).status_code for number in range(7)
    ]
    assert tries[-1] == 429
    late = page.post("/login", data={"user": "a", "password": "b"}).text
    assert "没有核对密码" in late
    assert "用户名或密码不对" not in late
    assert page.post("/v1/ask", auth=("a", "b")).status_code == 401


def test_passwords_are_kept_only_as_hashes() -> None:
    users = Users({"a": "geheim"})
    assert users.check("a", "geheim")
    assert not users.check("a", "Geheim")
    assert not users.check("b", "geheim")
    assert "geheim" not in repr(vars(users))


def test_spaces_around_a_name_or_a_password_do_not_count(tmp_path: Path) -> None:
    (tmp_path / "users").write_text("alice : se cret \nbob:x:y\r\n", encoding="utf-8")
    users = Users.read(tmp_path / "users")
    assert users.check("alice", "se cret")
    assert users.check("bob", "x:y")


@pytest.mark.parametrize(
    ("content", "words"),
    [("", "是空的"), ("nopassword\n", "第 1 行"), ("a:\n", "第 1 行"), ("a: \n", "第 1 行")],
)
def test_a_wrong_users_file_says_what_is_wrong(tmp_path: Path, content: str, words: str) -> None:
    file = tmp_path / "users"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(PageUnavailable, match=words):
        Users.read(file)
    with pytest.raises(PageUnavailable, match="读不了用户文件"):
        Users.read(tmp_path / "none")


def test_loopback_is_told_from_open_addresses() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "::1", "localhost", "127.3.2.1", "[::1]")))
    assert not any(map(is_loopback, ("0.0.0.0", "192.168.1.5", "example.org", "")))  # that is the test


def test_the_front_page_is_ours_and_its_scripts_are_known() -> None:
    page = b'<html lang="en"><head><meta property="og:title" content="Gradio" /><script>a()</script></head>'
    ours = rewrite(page, "zh")
    assert b'lang="zh-CN"' in ours
    assert b"Gradio" not in ours
    assert "引据".encode() in ours
    assert inline_scripts(ours) == [b"a()"]
    assert "'unsafe-inline'" not in policy([b"a()"]).split("style-src")[0]


@given(st.text(max_size=300))
def test_any_name_of_an_upload_stays_in_its_folder(name: str) -> None:
    safe = safe_name(name)
    if safe is not None:
        folder = Path("/library/uploads")
        assert (folder / safe).parent == folder
        assert safe not in {"", ".", ".."}
        assert len(safe.encode()) <= 255
        assert not set(safe) & set('\\/:*?"<>|\0')


def test_uploads_are_checked_and_kept(tmp_path: Path) -> None:
    sent = tmp_path / "sent"
    sent.mkdir()
    names = ["新闻.txt", "程序.exe", "..txt", "链接.md", "~$新闻.txt"]
    for name in names:
        (sent / name).write_text("内容", encoding="utf-8")
    uploads = tmp_path / "library" / "uploads"
    uploads.mkdir(parents=True)
    (uploads / "链接.md").symlink_to(tmp_path / "outside.md")
    kept, refused = keep_uploads([sent / name for name in names], tmp_path / "library")
    assert kept == [uploads / "新闻.txt"]
    assert {one.name: one.key for one in refused} == {
        "程序.exe": "upload_type", "..txt": "upload_type", "链接.md": "upload_name",
        "~$新闻.txt": "upload_name",
    }  # fmt: skip
    assert not (tmp_path / "outside.md").exists()
    _, refused = keep_uploads([sent / "新闻.txt"] * (MAX_FILES + 1), tmp_path / "library")
    assert [one.key for one in refused] == ["upload_many", *["upload_twice"] * (MAX_FILES - 1)]


def test_a_form_that_is_not_ours_is_turned_away() -> None:
    page = client(loopback=False, users=Users({"a": "b"}))
    answer = page.post(
        "/login", content="a=1&b=2&c=3&d=4&e=5", headers={"content-type": "application/x-www-form-urlencoded"}
    )
    assert answer.status_code == 400


@pytest.mark.usefixtures("stopped_clock")
def test_asking_for_follow_ups_counts_as_asking() -> None:
    page = client(loopback=False, users=Users({"a": "b"}))
    answers = [page.get("/page/follow-ups", auth=("a", "b")).status_code for _ in range(32)]
    assert answers[-1] == 429
    assert page.get("/", auth=("a", "b")).status_code == 200
