"""What a submission's sandbox has in place of modules of the course that answer exercises; see walls/course.py."""
