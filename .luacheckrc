-- luacheck 1.1.0: the whole tree is clean, without exceptions hidden in the files.
std = "lua54"
self = false -- a method may leave its self alone
max_line_length = 120
exclude_files = { "build" }
files["spec"] = { std = "+busted" }
files["lab"] = { std = "+busted" }
files["overlays/*/*_spec.lua"] = { std = "+busted" }
