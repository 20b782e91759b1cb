"""Token shards in the forms that other trainers read.

tokens.export.run      ``export_shards`` writes a directory of shards in one of the forms
tokens.export.formats  the forms by name, and what each of them loses
"""
