/* vpi_words.h - what the lines mean that a simulator prints, Icarus Verilog or GHDL: which are its own noise, and
 * which say why it ends. */
#ifndef LUNQ_VPI_WORDS_H
#define LUNQ_VPI_WORDS_H

#include <cstring>
#include <string>

#include "rtl_model.h"

namespace
{
/* Why a simulation ends, and how: as in rtl_model.h, LUNQ_RTL_GOES_ON: as the code says that the program ends with. */
struct Ending {
    std::string why;
    int how = LUNQ_RTL_GOES_ON;
};

bool begins_with(const std::string &line, const char *word)
{
    return line.compare(0, strlen(word), word) == 0;
}

/* "/home/me/x.v:3: $finish called at 5 (1ps)" without the folder. */
std::string without_folder(const std::string &line)
{
    size_t end = line.find(':'), slash = line.rfind('/', end);
    return slash == std::string::npos || line[0] != '/' ? line : line.substr(slash + 1);
}

/* ---- Icarus Verilog ----------------------------------------------------------------------------- */

[[maybe_unused]] void icarus_ending(const std::string &line, Ending *e)
{
    for (const char *word : {"FATAL: ", "ERROR: "})
        if (begins_with(line, word))
            e->why = without_folder(line.substr(strlen(word)));
    for (const char *word : {": $finish called at ", ": $stop called at "})
        if (line.find(word) != std::string::npos && e->why.empty())
            e->why = without_folder(line);
}

[[maybe_unused]] std::string icarus_line(const std::string &line, const std::string &)
{
    return line;
}

[[maybe_unused]] std::string icarus_once(const std::string &)
{
    return "";
}

/* ---- GHDL --------------------------------------------------------------------------------------- */

/* "x.vhd:4:146:@10ns:(assertion failure): words" as "x.vhd:4: words". */
std::string ghdl_assertion(const std::string &line, size_t bracket)
{
    size_t words = line.find("): ", bracket), at = line.find(':');
    at = at == std::string::npos ? at : line.find(':', at + 1);
    return line.substr(0, at) + ": " + (words == std::string::npos ? "" : line.substr(words + 3));
}

/* What GHDL says when std.env ends the simulation, or it does that itself. */
void ghdl_own_end(const std::string &line, Ending *e)
{
    size_t limit = line.find(" by --stop-delta=");
    if (begins_with(line, "simulation finished @"))
        *e = {"std.env.finish at " + line.substr(strlen("simulation finished @")),
              LUNQ_RTL_FINISHED};
    else if (begins_with(line, "simulation stopped @"))
        *e = {"std.env.stop at " + line.substr(strlen("simulation stopped @")), LUNQ_RTL_STOPPED};
    else if (limit != std::string::npos)
        *e = {"signals that never settle, " + line.substr(limit + strlen(" by --stop-delta=")) +
                  " delta cycles without time passing",
              LUNQ_RTL_STOPPED};
}

[[maybe_unused]] void ghdl_ending(const std::string &line, Ending *e)
{
    for (const char *word :
         {":(assertion failure)", ":(report failure)", ":(assertion error)", ":(report error)"}) {
        size_t at = line.find(word);
        if (at != std::string::npos)
            *e = {ghdl_assertion(line, at), LUNQ_RTL_STOPPED};
    }
    if (begins_with(line, "error: ") && e->why.empty())
        *e = {line.substr(strlen("error: ")), LUNQ_RTL_STOPPED};
    if (e->why.empty())
        ghdl_own_end(line, e);
}

/* A line without what belongs to the way GHDL is run here; "" when nothing else is in it. Files are in numbered folders
 * below `folder`. */
[[maybe_unused]] std::string ghdl_line(const std::string &line, const std::string &folder)
{
    std::string text = line;
    size_t at;
    if (text == "VPI module loaded!" || begins_with(text, "loading VPI module "))
        return "";
    while ((at = text.find(folder + "/")) != std::string::npos)
        text.erase(at, text.find('/', at + folder.size() + 1) + 1 - at);
    for (const char *word : {":error: ", ":info: "}) /* the name of the program before it */
        if ((at = text.find(word)) != std::string::npos && text.find(' ') > at)
            text.erase(0, at + 1);
    return text == "error: simulation failed" ? "" : text;
}
/* What IEEE's packages warn of in each cycle, a number that is unknown: its words, to be shown once; "": no such line. */
[[maybe_unused]] std::string ghdl_once(const std::string &line)
{
    size_t at = line.find(":(assertion warning): ");
    return begins_with(line, "../../src/") && at != std::string::npos ? line.substr(at) : "";
}
} // namespace
#endif
