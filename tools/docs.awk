# docs.awk - takes the texts about Lua functions written in C out of the bindings, for help() and the API
# reference: prints a Lua module, `return { { file =, class =, name =, text = }, ... }`.
# A text is the comment right before a lua_CFunction; its Lua name is in the file's luaL_Reg lists, its
# class in the l_type() of the file, or of the file whose name it continues (l_buffer_ops.c: l_buffer.c);
# a text that begins with "m:" is about lunq.MMIO, one with ":" alone in no such file about lunq.Device.
function quote(s) { gsub(/\\/, "\\\\", s); gsub(/"/, "\\\"", s); gsub(/\n/, "\\n", s); return "\"" s "\"" }
function base(path) { sub(/^.*\//, "", path); sub(/\.c$/, "", path); return path }
FNR == 1 { comment = ""; inside = 0; top = 1; files[++nfiles] = base(FILENAME) }
/^\/\*/ { comment = ""; inside = 1 }
inside {
    line = $0
    sub(/^\/\* ?/, "", line); sub(/^ \* ?/, "", line)
    if (sub(/ *\*\/ *$/, "", line)) inside = 0
    if (line ~ /^ ?\*?\/?$/ && !inside) line = ""
    comment = comment (comment == "" ? "" : "\n") line
    if (!inside && top) { header[base(FILENAME)] = comment; comment = ""; top = 0 }
    next
}
/^(static )?int [a-z_0-9]+\(lua_State \*L\)/ {
    name = $0; sub(/\(.*/, "", name); sub(/.* /, "", name)
    if (comment != "" && comment !~ /^-----* /) {
        text[name] = comment
        from[name] = base(FILENAME)
    }
    comment = ""
}
/^}/ { comment = "" }
/l_type\(L, / {
    class = $0; sub(/^[^"]*"/, "", class); sub(/".*/, "", class)
    classes[base(FILENAME)] = classes[base(FILENAME)] " " class
}
{
    rest = $0
    while (match(rest, /\{"[A-Za-z_0-9]+", *[a-z_0-9]+\}/)) {
        pair = substr(rest, RSTART, RLENGTH); rest = substr(rest, RSTART + RLENGTH)
        split(pair, part, "\"")
        fn = part[3]; gsub(/[, }]/, "", fn)
        n++; lua_name[n] = part[2]; c_name[n] = fn; where[n] = base(FILENAME)
    }
}
# The classes a file is about.
function owner_of(file,    k, owner) {
    if (file == "l_mmio") return " lunq.MMIO"
    for (k = 1; k <= nfiles; k++)
        if (index(file, files[k]) == 1 && files[k] in classes && length(files[k]) >= length(owner))
            owner = files[k]
    return classes[owner]
}
END {
    print "return {"
    for (i = 1; i <= n; i++) {
        if (text[c_name[i]] == "") continue
        listed[c_name[i]] = 1
        class = substr(owner_of(where[i]), 2)
        if (text[c_name[i]] ~ /^core\./) class = ""
        else if (text[c_name[i]] ~ /^m:/) class = "lunq.MMIO"
        else if (class == "" && text[c_name[i]] ~ /^d?:/) class = "lunq.Device"
        printf "  { file = %s, class = %s, name = %s, text = %s },\n", quote(where[i]), quote(class), quote(lua_name[i]), quote(text[c_name[i]])
    }
    for (fn in text) # registered otherwise: the text itself has the name
        if (!(fn in listed) && match(text[fn], /^core\.[a-z_]+\(/))
            printf "  { file = %s, class = \"\", name = %s, text = %s },\n", quote(from[fn]),
                quote(substr(text[fn], 6, RLENGTH - 6)), quote(text[fn])
    for (k = 1; k <= nfiles; k++)
        if (files[k] in header)
            printf "  { file = %s, class = %s, text = %s },\n", quote(files[k]),
                quote(substr(owner_of(files[k]), 2)), quote(header[files[k]])
    print "}"
}
