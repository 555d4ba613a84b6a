"""Modelyard: declare a model-serving platform once; plan, price, prove and review it on a laptop."""
