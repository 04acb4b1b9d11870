"""Ten questions of a reviewer who never saw NITRO, each answered in the first screen."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from review_cases import document, plan_of, review_of, reviewed, with_data

from cdktf_stacks.review.markdown import to_markdown

FIRST_SCREEN = 60
PAGE = Path(__file__).resolve().parents[3] / "docs" / "explanation" / "reading-a-review.md"


def first_screen(text: str) -> str:
    lines = "\n".join(text.splitlines()[:FIRST_SCREEN])
    return html.unescape(re.sub(r"</?(code|sub)>|\*\*|&#8203;", "", lines))


REPRESENTATIVE = first_screen(to_markdown(reviewed("several")))
ANSWERS = {
    "Which pair is this, and which appliances?": "gw-a (192.0.2.11:8443) and gw-b (192.0.2.12:8443)",
    "What changes, from what to what?": "| external virtual IP | 192.0.2.20 | 192.0.2.22 |",
    "Will users notice anything?": "| What users notice | all users reconnect",
    "How long will they be interrupted?": "| Users interrupted for | seconds",
    "What could go wrong?": "Users leave 192.0.2.20. Where their names, NAT and firewalls still lead there",
    "Does an appliance restart, or do the roles move?": "no restart, no failover",
    "Is something removed or made anew, and why?": "nothing is removed or made anew",
    "Does it undo what somebody did by hand?": "no; nothing was changed by hand",
    "What do we have to change elsewhere?": "DNS: point the gateway's name from 192.0.2.20 to 192.0.2.22",
    "How do we go back?": "revert this change and deploy",
}


@pytest.mark.parametrize(("question", "answer"), ANSWERS.items())
def test_the_first_screen_answers(question: str, answer: str) -> None:
    assert answer in REPRESENTATIVE, question


def test_the_page_asks_the_same_questions() -> None:
    asked = re.findall(r"^\| \d+ \| (.+?) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert asked == list(ANSWERS)


def test_the_steps_stand_in_the_first_screen_too_in_order_with_their_node() -> None:
    steps = re.findall(r"^\d+\. (.+)$", REPRESENTATIVE, re.MULTILINE)
    nodes = ["192.0.2.11:8443 Set", "192.0.2.12:8443 Set", "primary Add", "primary Move", "primary Remove"]
    assert [" ".join(step.split(" ")[:2]) for step in steps] == [*nodes, "Save the"]


@pytest.mark.parametrize(
    ("kind", "answers"),
    {
        "dissolve": ("nobody takes over", "the pair is removed", "declare the pair again"),
        "rebuild": ("somebody asked for it (-replace)", "made anew"),
        "drift-dissolved": ("yes: failover pair is dissolved, becomes formed again",),
        "heartbeat": ("about 4 s \u2192 about 11 s", "| What users notice | nothing |"),
        "create": ("UDP 3003, TCP 3008, 3010", "A failover pair is formed of two appliances"),
        "nothing": ("nothing changes", "a deploy does nothing"),
    }.items(),
)
def test_other_kinds_answer_what_matters_to_them(kind: str, answers: tuple[str, ...]) -> None:
    text = first_screen(to_markdown(reviewed(kind)))
    for answer in answers:
        assert answer in text


def test_overwriting_a_node_is_a_risk_that_stands_first() -> None:
    changed = with_data(document("create"), "after", overwrite_joining_node="yes")
    text = first_screen(to_markdown(review_of(plan_of(changed))))
    assert text.index("it is overwritten without asking") < text.index("Which pair")
