--- Spec support: a C program beside a spec, linked against liblunq.a of the build under test.
--   local program = dofile "spec/c_program.lua" "spec/dma/engine.c"
--   setup(program.build)      assert.same({ true, "ok\n" }, { program.run "case" })

local function shell(command)
  local p = assert(io.popen(command .. " 2>&1"))
  local text = p:read "a"
  return p:close() or false, text
end

---@param source string path of the .c file
---@return table program build(): raises what the compiler says; run(case): worked, output
return function(source)
  local build = (os.getenv "LUNQ_BIN" or "build/lunq"):match "^(.*)/"
  local program = build .. "/spec/" .. source:match "^spec/(.*)%.c$":gsub("/", "_")
  return {
    build = function()
      local flags = build:find "asan" and "-fsanitize=address,undefined -fno-sanitize-recover=undefined" or ""
      local ok, text = shell(("mkdir -p %s/spec && cc -std=gnu11 -g -D_GNU_SOURCE -Wall -Wextra %s -Ihost -o %s "
                              .. "%s %s/liblunq.a -lexpat -lfdt -luv -lm"):format(build, flags, program, source, build))
      assert(ok, text)
    end,
    run = function(case) return shell(program .. " " .. case) end,
  }
end
