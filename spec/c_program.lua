--- Spec support: a C program beside a spec, linked against liblunq.a of the build under test.
--   local program = dofile "spec/c_program.lua" "spec/dma/engine.c"
--   setup(program.build)      assert.same({ true, "ok\n" }, { program.run "case" })

local function shell(command)
  local p = assert(io.popen(command .. " 2>&1"))
  local text = p:read "a"
  return p:close() or false, text
end

local SANITIZERS <const> = "-fsanitize=address,undefined -fno-sanitize-recover=undefined"

---@param source string path of the .c file
---@param options? table flags: instead of the build's sanitizers; sources: files of the library to compile
---  with them, too; name: of the program, where there are two of one source
---@return table program path; build(): raises what the compiler says; run(case): worked, output
return function(source, options)
  options = options or {}
  local build = (os.getenv "LUNQ_BIN" or "build/lunq"):match "^(.*)/"
  local program = build .. "/spec/" .. (options.name or source:match "^spec/(.*)%.c$":gsub("/", "_"))
  local flags = options.flags or build:find "asan" and SANITIZERS or ""
  return {
    path = program,
    build = function()
      local ok, text = shell(("mkdir -p %s/spec && cc -std=gnu11 -g -D_GNU_SOURCE -Wall -Wextra %s -Ihost -o %s "
                              .. "%s %s %s/liblunq.a -lexpat -lfdt -luv -lm")
                             :format(build, flags, program, source, table.concat(options.sources or {}, " "), build))
      assert(ok, text)
    end,
    run = function(case) return shell(program .. " " .. case) end,
  }
end
