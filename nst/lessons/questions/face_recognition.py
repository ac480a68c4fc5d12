"""What you may expect before the experiments of face-recognition."""

from nst.lessons.questions.question import choice

FACE_RECOGNITION = {
    "twelve cards by heart": choice(
        "A network is trained on the twelve cards until it knows all of them. At the door, in other light and other "
        "clothes, how many of the residents does it name rightly?",
        "Nearly all.",
        "About three of four.",
        "Less than half.",
        answer="c",
        reason="One example does not tell which differences matter. The network has learnt twelve pictures, not "
        "twelve faces.",
    ),
    "threshold of pixels": choice(
        "You choose the best threshold for the distance of pixels. Of pairs of pictures, half of them of one person, "
        "how many are judged rightly?",
        "About 60 %: little better than a coin.",
        "About 75 %.",
        "About 95 %.",
        answer="a",
        reason="Light, background and pose move far more pixels than the person does.",
    ),
    "cost of the hardest": choice(
        "With the hardest negatives, and a margin of 0.2, where does the cost of a triplet come to rest?",
        "At 0: the network learns what is hardest.",
        "At about 0.2.",
        "At about 2.",
        answer="b",
        reason="If every picture has the same encoding, all distances are 0, and every triplet costs just the margin.",
    ),
    "people never seen": choice(
        "Your encoder was trained on 400 residents. Of pairs of other people, whom it has never seen, how many does it "
        "judge rightly?",
        "About 60 %.",
        "About 75 %.",
        "More than 90 %.",
        answer="c",
        reason="It was never asked who somebody is, only whether two faces are nearer than two others. That carries "
        "over to anybody.",
    ),
    "twelve cards again": choice(
        "Suppose the door computed the encodings of its twelve cards anew at each ring. How long would that take, "
        "beside the visitor's own encoding?",
        "About as long: a network takes all pictures at once.",
        "About ten times as long.",
        "About a hundred times as long.",
        answer="b",
        reason="A card is a picture like the visitor's, and each is put through the network on its own. With "
        "encodings in the database it takes no time at all.",
    ),
    "a stricter door": choice(
        "You lower the threshold, so that fewer strangers get in. What happens to the residents?",
        "More of them get in.",
        "Fewer of them get in.",
        "Nothing: they are near their cards.",
        answer="b",
        reason="There is one threshold for both. Some pictures of residents are further from their card than some "
        "strangers are.",
    ),
    "weights for the distance": choice(
        "A plain distance treats all numbers of an encoding alike. With a weight for each, learnt from pairs, how "
        "much better does it judge?",
        "Hardly better.",
        "About 5 points better.",
        "About 15 points better.",
        answer="a",
        reason="The encoder was trained so that the plain distance judges well. There is little left to learn.",
    ),
    "one threshold for all": choice(
        "One encoder, one threshold, and the residents sorted into three groups by how light their skin is. Are "
        "strangers let in equally often in all three?",
        "Yes: the threshold is the same for all.",
        "Nearly: the shares differ by a tenth or so.",
        "No: in one group about twice as often as in another.",
        answer="c",
        reason="Nobody wanted that. Errors are equal only where somebody has measured them and made them so.",
    ),
    "a picture of a face": choice(
        "Somebody who is not at home here holds the card itself before the camera. What does the door do?",
        "It stays shut: it knows that a card is no face.",
        "It opens: the distance is 0.",
        "It opens for some cards, and not for others.",
        answer="b",
        reason="The door compares a picture with a picture, and here they are the same. Whether somebody is there was "
        "never asked.",
    ),
}
