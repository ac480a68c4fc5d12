# %% [markdown]
# # Start here
#
# In this course you write the functions that turn a photograph into a painting, and you watch them do it. Everything runs on this computer, offline, without a graphics card.
#
# Click into the grey cell below, and press **Shift+Enter**. It looks whether all is there that the notebooks need, and where something is missing it says what to do.

# %%
from nst.lessons import start

start.look()

# %% [markdown]
# If you read `No module named 'nst'` instead, this notebook runs in a Python that is not the course's. Choose the one in the course's folder `.venv`: in JupyterLab under *Kernel → Change Kernel*, in VS Code with *Select Kernel* at the top right. If there is no such folder yet, the README says under *Start here* how to make it.

# %% [markdown]
# ## The map
#
# Four assignments, eleven notebooks. Each exercise has a check below it that tells you at once whether your function is right and, if not, what the misunderstanding probably is.
#
# | | notebook | you write | points | minutes |
# |---|---|---|---|---|
# | **what-convnets-see** | [1-convolution-in-1d-2d-3d](what-convnets-see/1-convolution-in-1d-2d-3d.ipynb) | `output_shape`, `convolve_1d` | 25 | 45 |
# | a warm-up | [2-what-a-unit-responds-to](what-convnets-see/2-what-a-unit-responds-to.ipynb) | `receptive_field`, `strongest`, `unit_cost` | 25 | 60 |
# | **neural-style-transfer** | [1-content-cost](neural-style-transfer/1-content-cost.ipynb) | `compute_content_cost` | 10 | 30 |
# | your first painting | [2-style-cost](neural-style-transfer/2-style-cost.ipynb) | `gram_matrix`, `compute_layer_style_cost` | 25 | 30 |
# | | [3-painting](neural-style-transfer/3-painting.ipynb) | `total_cost`, `train_step`, `model_nn` | 25 | 30 |
# | | [4-better-pictures](neural-style-transfer/4-better-pictures.ipynb) | nothing: it is yours to play with | – | 30 |
# | **fast-style-transfer** | [1-losses](fast-style-transfer/1-losses.ipynb) | `content_loss`, `gram_matrix`, `style_loss`, `tv_loss` | 35 | 60 |
# | paint in seconds | [2-style-transfer](fast-style-transfer/2-style-transfer.ipynb) | `style_transfer` | 15 | 45 |
# | | [3-inversion-and-texture](fast-style-transfer/3-inversion-and-texture.ipynb) | `inversion_cost`, `grow_texture` | 10 | 45 |
# | **face-recognition** | [1-verification-and-triplets](face-recognition/1-verification-and-triplets.ipynb) | `triplet_loss`, `choose_triplets` | 30 | 60 |
# | who is at the door? | [2-who-is-at-the-door](face-recognition/2-who-is-at-the-door.ipynb) | `img_to_encoding`, `verify`, `who_is_it`, `acceptance_rates`, `probability_same` | 40 | 60 |
#
# **Begin with [what-convnets-see/1-convolution-in-1d-2d-3d](what-convnets-see/1-convolution-in-1d-2d-3d.ipynb).** If you know convolutions well and want to paint at once, begin with [neural-style-transfer/1-content-cost](neural-style-transfer/1-content-cost.ipynb).
# The two assignments on style transfer can be done in either order. Within an assignment go from 1 on: a notebook takes the functions that you wrote in the ones before it.

# %% [markdown]
# ## How to work
#
# Run the cells from top to bottom, each with Shift+Enter. Where it says `# YOUR CODE HERE`, replace the line `raise NotImplementedError()` by your own code, run the cell, and then the check below it. You can change and run everything as often as you like. If you lose track of what has been run, choose *Run → Run All Above Selected Cell*.
#
# Before an experiment you are asked what you expect of it: write your letter or number in place of the question mark, and run on. Nothing of that is graded, and no answer is wrong enough to keep to yourself.
#
# A painting takes a while. The square ■ at the top of the notebook stops it, and you keep the picture so far. What you paint is saved in the folder `output`; the cell above says where that is.

# %% [markdown]
# ## Handing in
#
# **In a class**, an assignment is handed in when all its notebooks are finished. In each of them press *Validate* at the top. It runs the notebook anew from its first cell, and says which checks fail; it skips the long paintings. Then save it (Ctrl+S, ⌘S on a Mac) and give your instructor the `.ipynb` files of the assignment's folder, under the names that they have. Nothing else is needed: no pictures, and no notebook without points. Your instructor runs more tests than you see here, of the same functions with other numbers.
#
# **On your own** there is nothing to hand in. When every check of a notebook says that your function is right, you have finished it; *Validate* runs all of them at once.
