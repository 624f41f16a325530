/* vpi_vcd.h - windows of waves out of the value change dump that GHDL prints all the time (--vcd=-): who asks for a
 * file gets the head, all values as they are, and from there on what changes. */
#ifndef LUNQ_VPI_VCD_H
#define LUNQ_VPI_VCD_H

#include <cstdio>
#include <cstring>
#include <map>
#include <string>

namespace
{
class Vcd
{
  public:
    /* True: the line belongs to the dump, and is no message. */
    bool take(const std::string &line)
    {
        if (state != CHANGES)
            return take_head(line);
        if (line.size() > 1 && line[0] == '#' &&
            line.find_first_not_of("0123456789", 1) == std::string::npos)
            time = line;
        else if (!take_value(line))
            return false;
        write(line);
        return true;
    }

    bool open(const char *path)
    {
        file = fopen(path, "we");
        if (!file)
            return false;
        fputs(head.c_str(), file);
        write(time);
        for (const auto &v : values)
            if (!v.second.empty())
                write(v.second);
        return true;
    }

    void close()
    {
        if (file)
            fclose(file);
        file = nullptr;
    }

    bool is_open() const
    {
        return file;
    }

    ~Vcd()
    {
        close();
    }

  private:
    enum { BEFORE, HEAD, CHANGES } state = BEFORE;
    std::string head, time = "#0";
    std::map<std::string, std::string> values; /* lines, by the code of the signal */
    FILE *file = nullptr;

    void write(const std::string &line)
    {
        if (file)
            fprintf(file, "%s\n", line.c_str());
    }

    bool take_head(const std::string &line)
    {
        char code[32];
        if (state == BEFORE ? line != "$date" : line[0] != '$' && line.compare(0, 2, "  "))
            return false;
        state = line == "$enddefinitions $end" ? CHANGES : HEAD;
        head += line + "\n";
        if (sscanf(line.c_str(), "$var %*s %*s %31s", code) == 1)
            values[code];
        return true;
    }

    /* "1!", "b0101 !", "r0.5 !" of a signal that is known: anything else was printed by the RTL. */
    bool take_value(const std::string &line)
    {
        size_t at = line.find(' ');
        auto v = values.find(line.substr(line.empty() ? 0 : at == std::string::npos ? 1 : at + 1));
        if (v == values.end())
            return false;
        v->second = line;
        return true;
    }
};
} // namespace
#endif
