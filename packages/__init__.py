"""A core as other tools take it: one module a package, one table, :data:`.table.PACKAGES`."""
