/*
 * A plugin for QEMU that counts the guest's instructions:
 *
 *     -plugin count.so,output=FILE[,mark=ADDRESS ...][,range=START-END ...]
 *
 * Marks are reached in order: the first mark at the first instruction executed at its address; the second, after that,
 * at the first instruction executed at its own address; and so on. The plugin records the number of instructions before
 * each. QEMU ends at the last mark; without marks, or if not all are reached, the plugin reports when QEMU ends by
 * itself. A range counts the instructions executed at its addresses, its end excluded. Addresses are virtual, in
 * hexadecimal.
 *
 * The report is JSON: {"total": N, "marks": [N, ...], "ranges": [N, ...]}, where "marks" has the reached marks.
 *
 * Every instruction is counted separately, so the counts do not depend on how QEMU divides code into blocks, and they
 * are reproducible. An instruction that faults and is executed again counts twice.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "qemu.h"

#define MAX_ITEMS 16

int qemu_plugin_version = 1;

struct range {
    uint64_t start;
    uint64_t end;
    uint64_t count;
};

static const char *output;
static uint64_t total;

static uint64_t marks[MAX_ITEMS];
static size_t mark_count;
static uint64_t totals_at_marks[MAX_ITEMS];
static size_t reached;

static struct range ranges[MAX_ITEMS];
static size_t range_count;

static void report(void)
{
    FILE *file = fopen(output, "w");

    if (file == NULL) {
        perror(output);
        return;
    }
    fprintf(file, "{\"total\": %" PRIu64 ", \"marks\": [", total);
    for (size_t i = 0; i < reached; i++)
        fprintf(file, "%s%" PRIu64, i == 0 ? "" : ", ", totals_at_marks[i]);
    fputs("], \"ranges\": [", file);
    for (size_t i = 0; i < range_count; i++)
        fprintf(file, "%s%" PRIu64, i == 0 ? "" : ", ", ranges[i].count);
    fputs("]}\n", file);
    fclose(file);
}

static void at_exit(qemu_plugin_id_t id, void *userdata)
{
    (void)id;
    (void)userdata;
    report();
}

static void at_mark(unsigned int vcpu_index, void *userdata)
{
    (void)vcpu_index;
    if (reached >= mark_count || userdata != &marks[reached])
        return;
    totals_at_marks[reached++] = total;
    if (reached == mark_count) {
        report();
        /* Not exit(): this is the CPU's thread, and QEMU's clean-up would wait for it. */
        _exit(0);
    }
}

static void instrument(struct qemu_plugin_insn *insn)
{
    uint64_t address = qemu_plugin_insn_vaddr(insn);

    qemu_plugin_register_vcpu_insn_exec_inline(insn, QEMU_PLUGIN_INLINE_ADD_U64, &total, 1);
    for (size_t i = 0; i < mark_count; i++)
        if (address == marks[i])
            qemu_plugin_register_vcpu_insn_exec_cb(insn, at_mark, QEMU_PLUGIN_CB_NO_REGS, &marks[i]);
    for (size_t i = 0; i < range_count; i++)
        if (address >= ranges[i].start && address < ranges[i].end)
            qemu_plugin_register_vcpu_insn_exec_inline(insn, QEMU_PLUGIN_INLINE_ADD_U64, &ranges[i].count, 1);
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++)
        instrument(qemu_plugin_tb_get_insn(tb, i));
}

static bool parse_address(const char *text, char end, const char **rest, uint64_t *address)
{
    char *stop;

    *address = strtoull(text, &stop, 16);
    *rest = stop + 1;
    return stop != text && *stop == end;
}

static bool parse(const char *argument)
{
    const char *rest;

    if (strncmp(argument, "output=", 7) == 0) {
        output = argument + 7;
        return true;
    }
    if (strncmp(argument, "mark=", 5) == 0 && mark_count < MAX_ITEMS)
        return parse_address(argument + 5, '\0', &rest, &marks[mark_count++]);
    if (strncmp(argument, "range=", 6) == 0 && range_count < MAX_ITEMS) {
        struct range *range = &ranges[range_count++];

        return parse_address(argument + 6, '-', &rest, &range->start) &&
               parse_address(rest, '\0', &rest, &range->end);
    }
    return false;
}

int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc, char **argv)
{
    /* Inline additions are not atomic. */
    if (!info->system_emulation || info->system.max_vcpus != 1) {
        fputs("count: the guest must have one CPU\n", stderr);
        return 1;
    }
    for (int i = 0; i < argc; i++) {
        if (!parse(argv[i])) {
            fprintf(stderr, "count: unknown or invalid argument %s\n", argv[i]);
            return 1;
        }
    }
    if (output == NULL) {
        fputs("count: output=FILE is missing\n", stderr);
        return 1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_atexit_cb(id, at_exit, NULL);
    return 0;
}
