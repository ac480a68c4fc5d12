"""From the notebooks of a class to the pairs and groups in it that are more alike than chance makes them."""

from typing import NamedTuple

import numpy as np

from nst.grading.similar.answers import Given, given, students, work
from nst.grading.similar.surprise import FEWEST, Pair, Part, surprising
from nst.grading.similar.traits import Traits, number, of_code, of_prose

#: Kinds of what people write by hand. Two write a long line by chance less often than a short one, and least often one
#: with a word that nobody else uses: a typo, or a name of one's own.
WORDS = ("odd lines", "long lines", "short lines", "files")
#: Words in a long line.
LONG = 5


class Group(NamedTuple):
    """Students who hang together by pairs. members: names. pairs: of them, the most surprising first."""

    members: list[str]
    pairs: list[Pair]


class Search:
    """All that is known of a class. groups: the most surprising first.

    students: names; a Pair's numbers count them. parts, names: part -> Part, of the code in it, and of the names that
    were chosen there. words: kind -> Part. lines, files: line, (file, hash) -> numbers of those who have it.
    is_enough: are there enough students to tell what is rare?
    """

    def __init__(self, folder, records, assignment, sources):
        """folder: autograded/. records: judged/. sources: name -> source notebook."""
        self.folder, self.records, self.assignment = folder, records, assignment
        self.known: Given = given(assignment, sources)
        self.students = students(folder, assignment)
        self.is_enough = len(self.students) >= FEWEST
        codes, names, lines, files, self._own = {}, {}, {}, {}, {}
        for at, student in enumerate(self.students):
            theirs = self.work(student)
            for name, traits in self.traits(theirs).items():
                if theirs.parts[name][1]:
                    codes.setdefault(name, {})[at] = np.array(sorted(traits.code), np.int64)
                    chosen = sorted(map(number, traits.names))
                    names.setdefault(name, {})[at] = np.array(chosen, np.int64)
                for line in traits.words:
                    lines.setdefault(line, set()).add(at)
            # A file that holds no answer of one's own is the release, or the course's solution.
            for file, digest in theirs.files.items():
                if self._is_own(theirs, file):
                    files.setdefault((file, digest), set()).add(at)
        self.lines, self.files = lines, files
        size = len(self.students)
        self.parts = {name: Part(found, size) for name, found in sorted(codes.items())}
        self.names = {name: Part(found, size) for name, found in sorted(names.items())}
        self.words = {name: Part(found, size) for name, found in self._sorted().items()}
        self.pairs = surprising(self.parts, self.names, self.words, size)
        self.groups = self._grouped()

    def _sorted(self):
        """Kind -> student -> numbers of the lines and files that are not this student's alone."""
        writers, found = {}, {name: {} for name in WORDS}
        for line, students_of in self.lines.items():
            for word in set(line.split()):
                writers.setdefault(word, set()).update(students_of)
        for line, students_of in self.lines.items():
            if len(students_of) > 1:
                words = line.split()
                seldom = [word for word in words if len(writers[word]) <= max(3, len(students_of))]
                is_odd = any(len(word) > 3 and not self._is_given(word) for word in seldom)
                kind = "odd lines" if is_odd else "long lines" if len(words) >= LONG else "short lines"
                for at in students_of:
                    found[kind].setdefault(at, []).append(number("word", line))
        for file, students_of in self.files.items():
            for at in students_of if len(students_of) > 1 else ():
                found["files"].setdefault(at, []).append(number("file", *file))
        return {
            kind: {at: np.array(sorted(numbers), np.int64) for at, numbers in theirs.items()}
            for kind, theirs in found.items()
        }

    def work(self, student):
        """The Work of a student, read once more from the disk: a class of thousands is not kept."""
        return work(self.folder, self.records, student, self.assignment, self.known)

    def seldom(self, lines):
        """line -> how many wrote it, of those that more than one wrote and not many."""
        counts = {line: len(self.lines.get(line, ())) for line in lines}
        most = max(part.most for part in self.words.values())
        return {line: count for line, count in counts.items() if 2 <= count <= most}

    def traits(self, theirs):
        """part -> the Traits that are not the course's own."""
        return {name: self._own_traits(source, is_code) for name, (source, is_code) in theirs.parts.items()}

    def _own_traits(self, source, is_code):
        found = of_code(source, self.known.names) if is_code else of_prose(source)
        return Traits(
            {trait: places for trait, places in found.code.items() if trait not in self.known.code},
            {name: places for name, places in found.names.items() if name not in self.known.chosen},
            {line: places for line, places in found.words.items() if not self._is_given(line)},
        )

    def _is_given(self, line):
        if line not in self._own:
            self._own[line] = self.known.says(line)
        return self._own[line]

    def _is_own(self, theirs, file):
        notebook = file.removesuffix(".ipynb")
        return any(self.known.notebooks.get(name, name.partition(" ")[0]) == notebook for name in theirs.parts)

    def _grouped(self):
        """The pairs, as groups of students who hang together."""
        leader = list(range(len(self.students)))

        def lead(at):
            while leader[at] != at:
                leader[at] = at = leader[leader[at]]
            return at

        for pair in self.pairs:
            leader[lead(pair.second)] = lead(pair.first)
        groups = {}
        for pair in self.pairs:
            groups.setdefault(lead(pair.first), []).append(pair)
        return [
            Group(sorted({self.students[at] for pair in pairs for at in pair[:2]}), pairs) for pairs in groups.values()
        ]
