"""Lab 06: a reading, a sentence, a test, an interval, a front, and a card to rely on."""

from __future__ import annotations

from internlab.exercises import Exercise, Lab
from internlab.practice.exercises.handover_card_checks import (
    check_front,
    check_mend,
    check_prepare,
)
from internlab.practice.exercises.handover_checks import (
    check_accepts,
    check_found,
    check_interval,
    check_sentence,
)

lab = Lab(
    "practice.handover",
    [
        Exercise(
            "found",
            check_found,
            hints=(
                "A person is one entry of both arrays. First decide who counts, then who is found.",
                "counts = sizes >= 12 and found = marked >= sizes / 2 are one bool a person.",
                "(marked >= sizes / 2)[sizes >= 12].mean()",
            ),
        ),
        Exercise(
            "sentence",
            check_sentence,
            hints=(
                "Collect the clauses that are given, in the order while, when, if; then the rest.",
                "The rest begins with 'then the service' after an if, and with 'the service' "
                "otherwise. The first letter of the whole becomes capital at the end.",
                "text = ''.join(f'{word} {clause}, ' for word, clause in (('while', while_), "
                "('when', when), ('if', if_)) if clause), then text[0].upper() + text[1:].",
            ),
        ),
        Exercise(
            "accepts",
            check_accepts,
            hints=(
                "Write it so that True needs a reason: what is not known is not met.",
                "measured.get(name, math.nan) gives nan for what is missing, and every comparison "
                "with nan is False.",
                "nan = float('nan'); return measured.get('people_found', nan) >= 0.85 and "
                "measured.get('file_mb', nan) <= 2",
            ),
        ),
        Exercise(
            "prepare",
            check_prepare,
            hints=(
                "Four steps: order of colours, range, mean and std, order of axes.",
                "x = low + (high - low) * (image / 255) has the channels last, so a list of three "
                "numbers is subtracted channel by channel.",
                "((x - mean) / std).transpose(2, 0, 1)[None].astype(np.float32), with "
                "image[..., ::-1] first if the channels are BGR.",
            ),
        ),
        Exercise(
            "interval",
            check_interval,
            hints=(
                "The value needs no draw: people found, out of people there.",
                "weights @ found is the number found in each draw. Divide by the number there in "
                "the same draw.",
                "drawn = weights @ found / (weights @ there); np.quantile(drawn, [0.025, 0.975])",
            ),
        ),
        Exercise(
            "keep",
            check_front,
            hints=(
                "Take one option. Which others cost no more and score no less?",
                "Of those, one that is equal in both does not beat it.",
                "beaten = any(c <= cost[i] and s >= score[i] and (c, s) != (cost[i], score[i]) for "
                "c, s in zip(cost, score))",
            ),
        ),
        Exercise(
            "mend",
            check_mend,
            hints=(
                "Print receive(card). It names what is missing first; mend that and ask again.",
                "Then ask what it cannot see: compare every fact of record() with the card.",
                "for name, value in record().items(): branch, leaf = name.split('.'); "
                "card[branch][leaf] = value. The licence is not in the record: the task states it.",
            ),
        ),
    ],
    solution="solutions/06_hand_it_over.ipynb",
)
check, hint = lab.check, lab.hint
