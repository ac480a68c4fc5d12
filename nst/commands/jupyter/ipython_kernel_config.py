"""Settings of every kernel in the course's environment: IPython reads them before it runs the first cell."""

c = get_config()  # noqa: F821 (IPython defines it)

# A cell that is run before all others should say so in a sentence, and the notebook has imported nothing yet.
c.InteractiveShellApp.extensions.append("nst.order")
