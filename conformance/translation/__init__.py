"""Anyone's translation: two expressions and what is asked of them, judged by the engine that judges our own rows.

:mod:`question` is what is asked, with the inputs that :mod:`inference` reads off the expressions; :mod:`answer` judges
it; :mod:`regions` names where the sides part, if that is only there; :mod:`matching` finds rows of ours that know
better. All of it runs in a process of its own (:mod:`process`), because a stranger's expression may do anything.
"""
