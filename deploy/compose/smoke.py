"""A run through the composed stack, from outside: run by smoke.sh, which sets the environment.

Says one line for each promise that holds. Ends with 1 at the first that does not, after showing the logs.
Whatever happens, the stack is taken down with its volumes at the end.
"""

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from urllib.parse import quote

import probes
from composed import (
    NotAsPromised,
    addresses,
    compose,
    containers,
    docker,
    health,
    inside,
    promise,
    wait_until,
)
from visitor import Answer, Visitor

VIEWER = os.environ["PUBLIC_URL"]
REDIRECTOR = f"http://localhost:{os.environ['REDIRECTOR_PORT']}"
GOOGLE = f"http://localhost:{os.environ['GOOGLE_PORT']}"
MOSAIC = f"http://localhost:{os.environ['MOSAIC_PORT']}"
PROMETHEUS = f"http://localhost:{os.environ['PROMETHEUS_PORT']}"

CONVERTERS = 4
"""One more than docker-compose.yml starts by itself."""
OURS = ("redirector", "viewer", "unoserver")
SERVICES = (*OURS, "haproxy", "prometheus", "edocs", "google", "mosaic")
_START_SECONDS = 180
_SCRAPED_SECONDS = 90
_LETTER, _NOTE, _LONG_NOTE = 1001, 1010, 999001
_LONG_LINES = 60_000
"""About a thousand pages: several seconds of a converter's work."""
_PORTS = {"viewer": 8002, "redirector": 8001, "edocs": 8004, "google": 8003, "prometheus": 9090}
"""Where each listens, inside."""
_AT_WORK_TICKS = 30
"""Processor time, of 10 ms each, by which a converter is known to be at work."""

WORKER = Visitor("worker@council.test", GOOGLE)
OUTSIDER = Visitor("outsider@council.test", GOOGLE)


def refuses_to_start_without_secrets() -> None:
    """Nothing in docker-compose.yml stands in for a missing secret of every deployment."""
    for name in ("SECRET_KEYS", "EDOCS_API_KEY"):
        os.environ[name] = ""
        try:
            compose("config")
        except NotAsPromised as refusal:
            promise(name in str(refusal), f"compose fails without {name}, but does not say so")
        else:
            raise NotAsPromised(f"compose is content without {name}")
        finally:
            del os.environ[name]


def starts_and_is_well() -> None:
    """Every container is healthy, and there are as many converters as there should be."""
    take_down()  # what an interrupted run left
    compose("build")
    compose("up", "--detach", "--scale", f"unoserver={CONVERTERS}")
    promise(len(containers("unoserver")) == CONVERTERS, f"there are not {CONVERTERS} unoservers")
    for service in SERVICES:
        for container in containers(service):
            wait_until(f"{service} is well", partial(_is_well, container), _START_SECONDS)


def leads_from_mosaic_to_the_document() -> None:
    """Mosaic's link, the redirector, Google, the page, the rendition, the bytes: a Word file as PDF."""
    promise(b"Display document" in WORKER.get(MOSAIC + "/").body, "the demo's Mosaic shows no documents")
    page = arrive(WORKER, _LETTER)
    promise(page.url.startswith(f"{VIEWER}/documents/edocs/{_LETTER}?"), f"led to {page.url}")
    promise(page.status == HTTPStatus.OK, f"the page answers {page.status}")
    opened, pdf = WORKER.content(page.url)
    promise(pdf.startswith(b"%PDF-"), f"no PDF: {opened}")
    promise(len(pdf) == opened.json()["size"], "the bytes are not the whole PDF")


def keeps_others_out() -> None:
    """Whoever is not in the group gets a page that says so, and no document."""
    page = arrive(OUTSIDER, _LETTER)
    promise(page.status == HTTPStatus.FORBIDDEN, f"an outsider gets {page}")
    opened = OUTSIDER.rendition(f"{VIEWER}/documents/edocs/{_LETTER}?person=1")
    promise(opened.status == HTTPStatus.FORBIDDEN, f"an outsider gets {opened}")


def shows_the_newest_version() -> None:
    """A file that is replaced in eDocs is another document at the next view."""
    page = arrive(WORKER, _NOTE)
    before, _ = WORKER.content(page.url)
    write_in_edocs(f"{_NOTE}.txt", "'The note was replaced a moment ago.'")
    after, note = WORKER.content(page.url)
    promise(b"replaced a moment ago" in note, f"the replaced note is not shown: {after}")
    promise(before.json()["digest"] != after.json()["digest"], "the old version is still shown")


def confines_every_container() -> None:
    """Nobody is root, has capabilities or can get any; the root file system is read-only."""
    for service in OURS:
        for container in containers(service):
            for fact, holds in json.loads(inside(container, probes.CONFINEMENT)).items():
                promise(holds, f"not so: {service} {fact}")


def gives_converters_no_way_out() -> None:
    """From an unoserver nothing is reached, by name or by address; nor does it know a secret."""
    places = list(_PORTS.items())
    places += [(address, port) for name, port in _PORTS.items() for address in addresses(containers(name)[0])]
    [viewer] = containers("viewer")
    promise(reached(viewer, places), "even the viewer reaches nothing: this test sees nothing")
    for container in containers("unoserver"):
        found = reached(container, [*places, ("1.1.1.1", 443)])
        promise(not found, f"a converter reaches {found}")
        promise(not json.loads(inside(container, probes.SECRETS)), "a converter is told secrets")


def keeps_the_operations_ports_private() -> None:
    """What people reach has no metrics."""
    for address in (VIEWER, REDIRECTOR):
        answer = WORKER.get(f"{address}/metrics")
        promise(b"http_requests_total" not in answer.body, f"{address} shows its metrics to everybody")


def is_measured_by_prometheus() -> None:
    """All four are scraped, no alert rule is broken, and the documents of this run were counted."""
    for job in ("redirector", "viewer", "haproxy", "prometheus"):
        wait_until(
            f"Prometheus scrapes {job}", partial(measured, f'up{{job="{job}"}} == 1'), _SCRAPED_SECONDS
        )
    for counter in ("redirects_total", "viewer_documents_total"):
        wait_until_measured(f"{counter} > 0")
    groups = WORKER.get(f"{PROMETHEUS}/api/v1/rules").json()["data"]["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    promise(rules and all(rule["health"] != "err" for rule in rules), "an alert rule is broken")


def finds_every_converter() -> None:
    """HAProxy sends documents to as many as were started, without having been told how many."""
    wait_until_measured(f"haproxy_backend_active_servers == {CONVERTERS}")


def has_written_the_audit() -> None:
    """Who saw, and who was refused, is on record, on the volume that outlives the container."""
    [viewer] = containers("viewer")
    rows = json.loads(inside(viewer, probes.AUDIT))
    promise(["viewed", "worker@council.test", str(_LETTER)] in rows, "the view is not on record")
    promise(["denied", "outsider@council.test", str(_LETTER)] in rows, "the refusal is not on record")


def survives_the_death_of_a_converter() -> None:
    """The unoserver that is at work is killed with its container; the document comes all the same."""
    lines = f"r'A line of a very long note.\\par ' * {_LONG_LINES}"
    write_in_edocs(f"{_LONG_NOTE}.rtf", rf"r'{{\rtf1 ' + {lines} + '}}'")
    page = arrive(WORKER, _LONG_NOTE)
    idle = {container: work_done(container) for container in containers("unoserver")}
    results: list[tuple[Answer, bytes]] = []
    opening = threading.Thread(target=lambda: results.append(WORKER.content(page.url)), daemon=True)
    opening.start()
    busy = wait_until("a converter is at work", partial(at_work, idle), 30)
    promise(not results, "the long note was converted before its converter could be killed")
    docker("kill", busy)
    opening.join(timeout=_START_SECONDS)
    promise(results, "the document did not come after its converter was killed")
    opened, pdf = results[0]
    promise(pdf.startswith(b"%PDF-"), f"after its converter was killed: {opened}")
    wait_until(
        "it was noticed", partial(measured, 'viewer_conversions_total{outcome!="ok"} > 0'), _SCRAPED_SECONDS
    )
    docker("start", busy)
    wait_until(
        "it is back", partial(measured, f"haproxy_backend_active_servers == {CONVERTERS}"), _START_SECONDS
    )


def arrive(visitor: Visitor, document: int) -> Answer:
    """Press "Display document"."""
    link = f"/LbhMosaicEDocs/DocumentMenu.aspx?documentId={document}&personId=4210077"
    return visitor.arrive(REDIRECTOR + link)


def write_in_edocs(name: str, text: str) -> None:
    """Put a text file into the stand-in's folder.

    Args:
        name: the file's.
        text: a Python expression of it.
    """
    [edocs] = containers("edocs")
    inside(edocs, f"import pathlib; pathlib.Path('/srv/documents/{name}').write_text({text})")


def at_work(before: dict[str, int]) -> str | None:
    """The container that has worked since its processor time was taken, if one has."""
    done = {container: work_done(container) - ticks for container, ticks in before.items()}
    busiest = max(done, key=done.__getitem__)
    return busiest if done[busiest] >= _AT_WORK_TICKS else None


def reached(container: str, places: list[tuple[str, int]]) -> list[str]:
    """The places that a container can connect to."""
    return [str(place) for place in json.loads(inside(container, f"PLACES = {places!r}\n{probes.REACHED}"))]


def work_done(container: str) -> int:
    """The processor time that a container has used."""
    return int(inside(container, probes.PROCESSOR_TIME))


def wait_until_measured(query: str) -> None:
    """Wait until Prometheus has an answer to a query with a condition."""
    wait_until(f"Prometheus says {query}", partial(measured, query), _SCRAPED_SECONDS)


def measured(query: str) -> bool:
    """Whether Prometheus has an answer to a query with a condition."""
    answer = WORKER.get(f"{PROMETHEUS}/api/v1/query?query={quote(query)}")
    return bool(answer.json()["data"]["result"])


def _is_well(container: str) -> bool:
    return health(container) in {"healthy", "running"}


PROMISES: tuple[Callable[[], None], ...] = (
    refuses_to_start_without_secrets,
    starts_and_is_well,
    leads_from_mosaic_to_the_document,
    keeps_others_out,
    shows_the_newest_version,
    confines_every_container,
    gives_converters_no_way_out,
    keeps_the_operations_ports_private,
    is_measured_by_prometheus,
    finds_every_converter,
    has_written_the_audit,
    survives_the_death_of_a_converter,
)


def main() -> int:
    """Try every promise, then take everything down; the exit code."""
    try:
        for kept in PROMISES:
            started = time.monotonic()
            kept()
            say(f"ok   {kept.__name__.replace('_', ' ')} ({time.monotonic() - started:.1f} s)")
    except NotAsPromised as broken:
        say(f"FAILED  {broken}\n{compose('ps')}\n{compose('logs', '--no-color', '--tail=15')}")
        return 1
    finally:
        take_down()
    return 0


def take_down() -> None:
    """Remove every container, network and volume of this run."""
    compose("down", "--volumes", "--remove-orphans")


def say(sentence: str) -> None:
    """One line, at once."""
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
