"""The bugs that the simulator must find. The number of a bug is its place, from 1."""

from file_bugs import FILE_BUGS
from http_answer_bugs import HTTP_ANSWER_BUGS
from http_bugs import HTTP_BUGS
from limit_bugs import LIMIT_BUGS
from reactor_bugs import REACTOR_BUGS
from server_bugs import SERVER_BUGS
from site_bugs import SITE_BUGS
from task_bugs import TASK_BUGS

BUGS = (REACTOR_BUGS + TASK_BUGS + HTTP_BUGS + HTTP_ANSWER_BUGS + SERVER_BUGS + LIMIT_BUGS +
        FILE_BUGS + SITE_BUGS)

# What the simulator is told for each world besides the seeds.
WORLD_OPTIONS = {
    "echo": [],
    "http": [],
    "datagrams": [],
    "limits": [],
    "files": [],
}

assert len({bug.name for bug in BUGS}) == len(BUGS), "two bugs have one name"
