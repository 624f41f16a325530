--- What busted asks of lua-term: see lfs.lua beside this file.
return { isatty = function() return false end }
