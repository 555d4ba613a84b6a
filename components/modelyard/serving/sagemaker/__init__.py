"""Models at Amazon SageMaker: endpoints of every kind, their roles, scaling, alarms and packages. What
is decided is plain dictionaries; ``endpoint`` and the ``declare_*`` modules alone register resources."""
