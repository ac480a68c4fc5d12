"""What you may expect before the experiments of fast-style-transfer."""

from nst.lessons.questions.question import choice, number

FAST_STYLE_TRANSFER = {
    "furthest from the lake": choice(
        "The lake at dusk, the lake in a mirror, a palace in the rain. Which of them is furthest from the lake, pixel "
        "by pixel?",
        "The lake at dusk.",
        "The lake in a mirror.",
        "The palace.",
        answer="a",
        reason="At dusk every single pixel is darker. The other two have bright skies as well, in about the same "
        "place.",
    ),
    "three times the side": choice(
        "The same painting at 96 and at 288 pixels. How much larger are the sums in the Gram matrix that is not "
        "divided?",
        "They are the same.",
        "About three times as large.",
        "About eight or nine times as large.",
        answer="c",
        reason="There are nine times as many positions, and each adds its products to the sum.",
    ),
    "pairs of neighbours": number(
        "A picture of 4 × 5 pixels. How many pairs of neighbours has it, side by side or one above the other?",
        answer=31,
        reason="Each of 4 rows has 4 pairs side by side, and each of 5 columns has 3 pairs: 16 + 15.",
    ),
    "cleaned too well": choice(
        "You ask for a smoother and smoother picture. What disappears together with the noise?",
        "The colours of large areas.",
        "The sharp edges.",
        "Nothing else, if it is done slowly.",
        answer="b",
        reason="To total variation an edge is a difference of neighbours like any other. It cannot tell which of them "
        "you want to keep.",
    ),
    "the first six steps": choice(
        "The learning rate is 3, and normalised pixels lie between −2.1 and 2.6. What will the total do in the first "
        "steps?",
        "Fall, quicker than with small steps.",
        "Leap up, before it falls.",
        "Stay where it is.",
        answer="b",
        reason="A step of 3 throws a pixel across most of its range. It takes some steps before they find their "
        "places.",
    ),
    "iteration 180": choice(
        "At iteration 180 the learning rate drops from 3.0 to 0.1. What will the curves do?",
        "Fall once more.",
        "Come to rest: the steps are too small now.",
        "Leap up.",
        answer="a",
        reason="Large steps keep jumping across the lowest place. Small ones walk down into it.",
    ),
    "both times eight": choice(
        "Nine paintings, with weights of content and of style from an eighth to eight times. Which of them look alike?",
        "Those of one row: the same weight of style.",
        "Those of one column: the same weight of content.",
        "Those of the diagonal, where both weights grow together.",
        answer="c",
        reason="What you see is a balance, and that is a matter of the ratio.",
    ),
    "style of the first layer": choice(
        "You take the style from relu1 alone, the first layer. What will the painting have of the style?",
        "Its colours and its grain.",
        "Its long strokes.",
        "Its large forms.",
        answer="a",
        reason="A unit of relu1 sees 3 × 3 pixels. Whatever is larger than that, it cannot ask for.",
    ),
    "what fire2 holds": choice(
        "fire2 has a quarter of the positions of relu1. How much of the lake comes back from its activation?",
        "About a quarter of it.",
        "The outlines only.",
        "Nearly everything.",
        answer="c",
        reason="It has a quarter of the positions, and twice as many channels to say what was there.",
    ),
    "fading colours": choice(
        "From which of these layers on are the colours pale?",
        "relu1.",
        "fire3.",
        "fire5.",
        answer="c",
        reason="What helps to tell things apart is kept longest, and the exact colour of water helps little.",
    ),
    "the window of fire5": number(
        "How many pixels wide is the window that a number in fire5 looks at? (3 after conv1; each 3 × 3 kernel after "
        "it adds two jumps; a jump is 2 pixels after conv1, and doubles with each pooling, whose kernels are 3 × 3 "
        "too.)",
        answer=63,
        reason="No form in the texture can be much larger than this window: nobody asks for more.",
    ),
    "tiles, canvas, grown": choice(
        "A large texture from tiles, from one large canvas, and grown from small to large. In which of them do you "
        "expect bands that run right across the picture?",
        "In the tiles.",
        "In the large canvas.",
        "In the grown one.",
        answer="c",
        reason="On the small canvas a window is half as wide as everything. What is found there stays when it is "
        "enlarged.",
    ),
}
