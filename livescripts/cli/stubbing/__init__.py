"""Stubs from the texts of scripts, without running them. Pure: texts in, texts out.

# A merged script is, at run time, a module of its own (`game.x.goblins_py`) whose names its namespace shows. The stubs are
# the same: one for each script, where its imports and private names stay its own, and an `__init__.pyi` for each
# namespace that takes the exported names from there. So relative imports mean what they mean in the script.
# Values of variables stay in the stub: the checker infers their types better than we could. Bodies of functions do not,
# so what they return, and what they set on `self`, is inferred here, where it is certain; else it is `Any`. A stub that
# says too little is silent; one that says too much is wrong.
"""
