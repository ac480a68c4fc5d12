"""What you may expect before the experiments of what-convnets-see."""

from nst.lessons.questions.question import choice, number

WHAT_CONVNETS_SEE = {
    "the hilltop": number(
        "The filter is −1, −1, 0, 1, 1. On the hilltop of the signal every number is 6. What is the answer there?",
        answer=0,
        reason="Two sixes are taken away and two are added. A filter whose numbers sum to 0 does not see how high the "
        "ground is, only how it rises and falls.",
    ),
    "the drift": choice(
        "The heart's signal drifts slowly up and down. What does the edge filter, whose numbers sum to 0, make of the "
        "drift?",
        "It is gone, or nearly so.",
        "It stays as it was.",
        "It becomes steeper, as an edge does.",
        answer="a",
        reason="Within seven samples the drift hardly changes, and what is constant gives 0. The spikes are steep, so "
        "they stay.",
    ),
    "opposite filters": choice(
        "One filter looks for light on the right and dark on the left, another for light on the left and dark on the "
        "right. How do their two maps compare?",
        "One is the mirror image of the other.",
        "They are equal, with opposite signs.",
        "They have nothing in common.",
        answer="b",
        reason="Every number of one filter is minus the number of the other, at the same place. So are the sums, at "
        "every position. Nothing is moved, so nothing is mirrored.",
    ),
    "steps of four": number(
        "The palace has 300 × 400 pixels, the filters 5 × 5. With stride 4 and padding 2, how many rows do the maps "
        "have?",
        answer=75,
        reason="300 + 2 · 2 − 5 = 299 pixels to go, 74 whole steps of 4 and some left over, and one place more than "
        "there are steps.",
    ),
    "the wrong way": choice(
        "A spot moves to the right. One filter waits for a spot that moves to the right, another for one that moves "
        "to the left. Both see the same places. What does the second answer?",
        "As much as the first: the spot is the same.",
        "Less: it sees the places in the wrong order.",
        "Nothing at all: its answer is 0 wherever it looks.",
        answer="b",
        reason="The five frames of the filter and of the film overlap in the middle one only, where both have their "
        "spot at the same place. So something is left, but much less.",
    ),
    "ten pixels or more": number(
        "Three convolutions of 3 with stride 1, and before the last of them a pooling of 2 with stride 2. How many "
        "pixels, along one axis, does a unit of the last layer see?",
        answer=10,
        reason="1, then 3, then 5 after two convolutions; 6 after the pooling; and then two neighbours more, each of "
        "them two pixels away.",
    ),
    "inside the window": choice(
        "Within its window, which pixels matter most to a unit?",
        "Those in the middle.",
        "Those along the border.",
        "All of them alike.",
        answer="a",
        reason="From the middle many ways lead through the layers to the unit, from a corner only one.",
    ),
    "nine patches": choice(
        "A unit of block 3 sees 40 × 40 pixels. What will the nine patches of such a channel have in common?",
        "A colour, or an edge in one direction.",
        "A texture, such as ripples or stones.",
        "A whole object, such as a boat.",
        answer="b",
        reason="Single colours and edges are found in the first block. Parts of things come later, when the windows "
        "are large enough for them.",
    ),
    "too much smoothness": choice(
        "You make λ ten times as large as it was. What is left of the picture?",
        "The same forms, in softer colours.",
        "Little more than one colour.",
        "Glittering pixels.",
        answer="b",
        reason="Now a smooth picture costs less than an exciting one, and the smoothest of all has one colour.",
    ),
    "the riddles of block 5": choice(
        "The nine patches of two channels of block 5 had nothing in common that you could name. What will these "
        "channels paint?",
        "A mixture of the nine patches.",
        "Noise, as they answer to nothing in particular.",
        "Something that hardly occurs in the pictures of the course.",
        answer="c",
        reason="Patches can only show what is in your pictures. What a channel waits for, it can paint all the same.",
    ),
}
