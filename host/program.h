/* program.h - what the files of the lunq program share: main.c (command line), state.c (the Lua
 * state), interrupt.c (signals), alarm.c (time limits of tests), report.c (uncaught errors and exit
 * codes), repl.c (the module lunq.host), editor.c (line editing). */
#ifndef LUNQ_PROGRAM_H
#define LUNQ_PROGRAM_H

#include <lauxlib.h>
#include <lua.h>

#include "../bindings/lunq_lua.h"

/* Exit codes of the program; docs/program.md lists them for users. */
enum lunq_exit {
    EXIT_OK = 0,
    EXIT_SCRIPT = 1, /* the script, or a test, failed */
    EXIT_USAGE = 2,  /* the command line can't be carried out */
    EXIT_NO_DEVICE = 3,
    EXIT_TIMEOUT = 4,
    EXIT_DEVICE = 5 /* a device failed while it worked */
};

/* ---- state.c ---- */

/* Fills a fresh state: libraries, embedded modules, search paths, text-only loaders, os.exit.
 * May raise: call it protected. */
void lunq_state_open(lua_State *L);
/* Gives devices back and closes the state. Works from inside a coroutine too. */
void lunq_state_close(lua_State *L);
/* After that: the exit code of a program that wants `code`. Where it ran on a trace and did something
 * else, which is known in the end only, EXIT_OK becomes a failure. */
int lunq_exit_code(int code);
/* Puts DIR/?.lua and DIR/?/init.lua in front of package.path; dir is made absolute. */
void lunq_state_add_path(lua_State *L, const char *dir);

/* ---- interrupt.c ---- */

/* From here on SIGINT and SIGTERM raise an error in the running Lua code (or end its wait); when
 * one comes before the last was served, the program dies. Also replaces coroutine.resume and
 * coroutine.wrap, so that the running coroutine is known. */
void lunq_interrupt_install(lua_State *L);
/* With quit, a signal closes the state and ends the program instead of raising (lunq test). */
void lunq_interrupt_mode(bool quit);
/* While on, Ctrl-C means nothing: the prompt is at work, not a person's code. */
void lunq_interrupt_shield(bool on);
/* Has the running code call its hook at the next instruction: for signal handlers. */
void lunq_interrupt_hook(void);
/* The same for L alone, after n instructions. */
void lunq_interrupt_after(lua_State *L, int n);
/* True when the error value at idx says that a signal came. */
bool lunq_interrupt_is(lua_State *L, int idx);
/* The same for Ctrl-C alone, which is then forgotten: what it was to end has ended. */
bool lunq_interrupt_forget(lua_State *L, int idx);
/* The signal that came, or 0; forgets it. */
int lunq_interrupt_taken(void);
/* The state is about to close: Ctrl-C must not keep it from leaving the hardware idle. */
void lunq_interrupt_end(void);
/* Dies by this signal, so that the caller (a shell, make, a scheduler) sees it. */
void lunq_interrupt_die(int sig);

/* ---- alarm.c ---- */

/* local a <close> = host.alarm(seconds): the calling task (or the main thread) gets an error of kind
 * `timeout` after so many seconds of wall time, wherever it is then, unless a is closed before. One
 * at a time. */
int lunq_alarm(lua_State *L);
/* For the hook: raises when it is time. */
void lunq_alarm_hook(lua_State *L);
/* Before each step of the loop: ends the wait of whoever is late. */
void lunq_alarm_turn(lua_State *L);

/* ---- report.c ---- */

/* A message handler for lua_pcall: keeps error objects as they are, adds a traceback to strings and
 * remembers for objects where they were raised. */
int lunq_report_handler(lua_State *L);
/* The text for a person of the error value on top, as handled by lunq_report_handler: pushes it. */
void lunq_report_text(lua_State *L);
/* Adds what lunq.advice knows about a message of Lua itself to the message on top. */
void lunq_report_advice(lua_State *L);
/* Prints the uncaught error on top to stderr, pops it and returns the exit code it asks for, or 128 + the
 * signal it came from. */
int lunq_report(lua_State *L);

/* ---- repl.c ---- */

/* require "lunq.host": what lua/lunq/repl.lua needs. */
int luaopen_lunq_host(lua_State *L);

/* ---- progress.c ---- */

/* Long operations say from here on how far they are, where there is a terminal. */
void lunq_progress_install(void);
/* So do waits on the main thread, while this is on: at the prompt, for code that a person has typed. */
void lunq_progress_of_waits(bool on);

/* ---- editor.c ---- */

/* host.editor{...}: the line editor. */
int lunq_editor_new(lua_State *L);
int lunq_host_view(lua_State *L); /* view.c: host.view */

#endif
