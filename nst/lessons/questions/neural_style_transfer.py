"""What you may expect before the experiments of neural-style-transfer."""

from nst.lessons.questions.question import choice, number

NEURAL_STYLE_TRANSFER = {
    "every window": choice(
        "The palace has many small windows. Which layer's maps still show each of them?",
        "conv1_1, the first.",
        "conv3_1, in the middle.",
        "conv4_2, the deepest of these four.",
        answer="a",
        reason="After each pooling a map has half as many rows and columns. In conv4_2 a window of the palace is "
        "smaller than one position.",
    ),
    "four pixels to the side": choice(
        "You move the picture four pixels to the side. Whose numbers change most, in proportion?",
        "Those of the pixels.",
        "Those of conv1_1, the first layer.",
        "Those of conv5_1, the deepest.",
        answer="b",
        reason="conv1_1 answers to edges, and every edge has moved. Large plain areas, which hold the pixels' numbers "
        "together, mean nothing to it.",
    ),
    "from a deep layer": choice(
        "You start from noise and ask for nothing but the content of conv4_2. What comes back?",
        "The whole picture, pixel by pixel.",
        "The layout, with colours and textures of its own.",
        "Nothing: the layer is too deep.",
        answer="b",
        reason="Many pictures give conv4_2 nearly the same activation. Gradient descent finds one of them, and what "
        "the layer does not keep, it leaves to chance.",
    ),
    "read in memory order": number(
        "a[h, w, c] is the number hwc, such as 12 in row 0, column 1, channel 2. a.reshape(3, 6) should hold one "
        "channel in each row. Its first row begins with 0. Which number comes next?",
        answer=1,
        reason="In memory the channels of one position lie side by side: 000, 001, 002, then 010. So the next number "
        "belongs to channel 1, and the row mixes channels.",
    ),
    "shuffled positions": choice(
        "Shuffle the positions of an activation, all channels together. What happens to the Gram matrix?",
        "It stays as it is.",
        "Its rows are shuffled in the same way.",
        "All of its numbers change.",
        answer="a",
        reason="Every entry is a sum over all positions, and a sum does not mind the order. That is what makes it a "
        "description of style: what occurs together, no matter where.",
    ),
    "two halves": choice(
        "Five styles, each cut into a left and a right half. For how many of the left halves is the right half of the "
        "same picture the nearest one in style?",
        "For one or two: a half shows other things than the other half.",
        "For three or four.",
        "For all five.",
        answer="c",
        reason="The halves show different things, made of the same strokes and colours. The cost looks at those only.",
    ),
    "nothing but style": choice(
        "You paint from noise with the style cost alone. What do you get?",
        "The style picture, a little blurred.",
        "The strokes and colours of the style picture, in no order.",
        "Noise in the colours of the style picture.",
        answer="b",
        reason="You ask for strokes and colours that occur together, and you do not ask where.",
    ),
    "the first twenty steps": choice(
        "You start from 60 % noise and 40 % content picture. What do the two costs do in the first twenty iterations?",
        "Both fall.",
        "The style cost falls, and the content cost rises.",
        "The content cost falls, and the style cost rises.",
        answer="b",
        reason="Noise is far from any style, so there is much to gain, and the strokes that grow do not fit the scene "
        "yet. Later the content cost falls too.",
    ),
    "both weights doubled": choice(
        "You double α and β, both, and paint again from the same start. What changes?",
        "Hardly anything.",
        "The picture gets twice as far in the same number of iterations.",
        "The manner gets stronger.",
        answer="a",
        reason="Every gradient is twice as long, and its direction is the same. Adam divides a gradient by its usual "
        "size before it takes a step, so the steps are the same too, but for rounding.",
    ),
    "knob of depth": choice(
        "In the box below you may set the content layer to conv1_1, with style over content as it is. What will the "
        "painting look like?",
        "More like the style: conv1_1 knows strokes.",
        "More like the content picture: conv1_1 insists on every edge.",
        "The same: the layer does not matter much.",
        answer="b",
        reason="The first layer knows exactly where each edge is, and does not let it go. Try it.",
    ),
    "a fair race": choice(
        "Adam with a learning rate of 2, Adam with the best learning rate of nine that were tried, and L-BFGS, which "
        "needs none. After 40 evaluations, whose cost is the lowest?",
        "Adam's with a rate of 2, as in the whole course.",
        "Adam's with its best rate.",
        "That of L-BFGS.",
        answer="c",
        reason="With its best rate Adam comes close. But that rate had to be found, by nine paintings; L-BFGS finds "
        "the length of each step by itself.",
    ),
    "where coarse shows": choice(
        "Two paintings that took the same time: one at full size throughout, one small first and then enlarged. Where "
        "do you expect to see the difference?",
        "In the finest strokes.",
        "In the colours.",
        "In long, connected forms.",
        answer="c",
        reason="In the small picture each kernel reaches twice as far across the scene, and joins what lies far apart.",
    ),
    "larger stones": choice(
        "The style is a mosaic, and you enlarge the style picture to twice its size. What happens to the painting of "
        "the palace?",
        "Stones and palace both get larger.",
        "The stones get larger, the palace stays.",
        "The palace gets smaller, the stones stay.",
        answer="b",
        reason="The scene comes from the content picture, which has not changed. Only the forms of the style have.",
    ),
    "memory for a megapixel": choice(
        "A picture of a million pixels takes 12 megabytes as numbers. How much memory does painting it take, with the "
        "embedded network?",
        "About 20 megabytes.",
        "About 200 megabytes.",
        "More than 1,000 megabytes.",
        answer="c",
        reason="For a gradient, the activations of all layers must be kept until the tape has run back through them.",
    ),
}
