"""What to do where a disk refuses: each cause has its own advice, the end of a sentence."""

import errno

_WRITING = {
    errno.ENOSPC: "make room on the disk, or choose another folder",
    errno.EDQUOT: "your share of the disk is used up: make room, or choose another folder",
    errno.EFBIG: "no file may be that large there, so choose another folder",
    errno.EROFS: "that disk can only be read, so choose another folder",
    errno.EACCES: "you may not write there, so choose another folder",
    errno.EPERM: "you may not write there, so choose another folder",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.EINVAL: "choose a name without unusual characters",
    errno.EILSEQ: "choose a name without unusual characters",
    errno.EISDIR: "a folder has that name already, so choose another name",
    errno.ENOTDIR: "a file stands where a folder would have to be, so choose another folder",
    errno.EEXIST: "a file stands where a folder would have to be, so choose another folder",
    errno.ELOOP: "links there lead in a circle, so choose another folder",
    errno.EIO: "the disk has a fault or is gone, so choose another folder",
}

_READING = {
    errno.EACCES: "you may not read it, so change its permissions or take a copy that you may read",
    errno.EPERM: "you may not read it, so change its permissions or take a copy that you may read",
    errno.ENAMETOOLONG: "no name is that long, so check the path",
    errno.ENOTDIR: "a file stands where its folder would be, so check the path",
    errno.ELOOP: "links there lead in a circle, so check the path",
    errno.EIO: "the disk has a fault or is gone, so take a copy from elsewhere",
    errno.ENXIO: "nothing is behind that name, so check the path",
}


def when_writing(error):
    """What to do about an OSError that came of writing."""
    return _WRITING.get(error.errno, "choose another folder")


def when_reading(error):
    """What to do about an OSError that came of reading."""
    return _READING.get(error.errno, "check the path, or take a copy from elsewhere")


def is_fault_of_disk(error):
    """Whether an OSError that came of reading says something of the disk rather than of what is in the file."""
    return error.errno in _READING
