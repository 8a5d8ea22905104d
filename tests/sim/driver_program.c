/* Calls the driver of a core as a script says: driver_program SCRIPT INPUT OUTPUT STALL SEED.
 *
 * A line of the script is a command and its numbers. For each one the command and what the driver
 * returns are printed. Ends with status 4 where the port answers with an error.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver_shim.h"

static uint32_t checked_read(uintptr_t base, uint32_t offset)
{
    uint32_t word;

    if (shim_read(base, offset, &word) != 0) {
        fprintf(stderr, "a read of 0x%03" PRIx32 " is answered with an error\n", offset);
        exit(4);
    }
    return word;
}

static void checked_write(uintptr_t base, uint32_t offset, uint32_t word)
{
    if (shim_write(base, offset, word) != 0) {
        fprintf(stderr, "a write of 0x%08" PRIx32 " to 0x%03" PRIx32 " is answered with an error\n",
                word, offset);
        exit(4);
    }
}

#define TESTED_READ(base, offset) checked_read((base), (offset))
#define TESTED_WRITE(base, offset, word) checked_write((base), (offset), (word))
#include "tested.h"

#define BASE ((uintptr_t)0)
#define MOST_NUMBERS 1024

static long long number[MOST_NUMBERS];

static uint32_t word(int index)
{
    return (uint32_t)number[index];
}

static void obey(const char *command)
{
#if TESTED_RUNTIME_COEFFICIENTS
    int32_t kernel[TESTED_KERNEL_ROWS * TESTED_KERNEL_COLUMNS];
    int cell;
#endif
    tested_counters_t counters;
    uint32_t row, column, read;

    printf("%s", command);
    if (strcmp(command, "init") == 0) {
        printf(" %d", tested_init(BASE));
#if TESTED_RUNTIME_COEFFICIENTS
    } else if (strcmp(command, "load_kernel") == 0) {
        for (cell = 0; cell < TESTED_KERNEL_ROWS * TESTED_KERNEL_COLUMNS; ++cell)
            kernel[cell] = (int32_t)number[cell];
        printf(" %d", tested_load_kernel(BASE, kernel));
#endif
    } else if (strcmp(command, "kernel") == 0) {
        for (row = 0; row < TESTED_KERNEL_ROWS; ++row)
            for (column = 0; column < TESTED_KERNEL_COLUMNS; ++column)
                printf(" %" PRId32, tested_get_coefficient(BASE, row, column));
    } else if (strcmp(command, "set_control") == 0) {
        tested_set_control(BASE, (int)number[0], (int)number[1]);
    } else if (strcmp(command, "set_size") == 0) {
        printf(" %d", tested_set_size(BASE, word(0), word(1)));
    } else if (strcmp(command, "set_scale") == 0) {
        printf(" %d", tested_set_scale(BASE, word(0), word(1)));
    } else if (strcmp(command, "set_offset") == 0) {
        tested_set_offset(BASE, (int32_t)number[0]);
    } else if (strcmp(command, "set_border") == 0) {
        printf(" %d", tested_set_border(BASE, word(0), word(1), word(2), word(3)));
    } else if (strcmp(command, "set_border_value") == 0) {
        printf(" %d", tested_set_border_value(BASE, (int32_t)number[0]));
    } else if (strcmp(command, "commit") == 0) {
        tested_commit(BASE);
    } else if (strcmp(command, "is_pending") == 0) {
        printf(" %d", tested_is_pending(BASE));
    } else if (strcmp(command, "wait_taken") == 0) {
        printf(" %d", tested_wait_taken(BASE, word(0)));
    } else if (strcmp(command, "events") == 0) {
        printf(" %" PRIu32, tested_events(BASE));
    } else if (strcmp(command, "clear_events") == 0) {
        tested_clear_events(BASE, word(0));
    } else if (strcmp(command, "enable_interrupts") == 0) {
        tested_enable_interrupts(BASE, word(0));
    } else if (strcmp(command, "frames") == 0) {
        printf(" %" PRIu32, tested_frames(BASE));
    } else if (strcmp(command, "wait_frames") == 0) {
        while (tested_frames(BASE) < word(0))
            shim_wait(1);
    } else if (strcmp(command, "counters") == 0) {
        counters = tested_counters(BASE);
        printf(" %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32, counters.short_lines,
               counters.long_lines, counters.early_starts, counters.strays, counters.overflows);
    } else if (strcmp(command, "raw_write") == 0) {
        printf(" %" PRIu32, shim_write(BASE, word(0), word(1)));
    } else if (strcmp(command, "raw_read") == 0) {
        printf(" %" PRIu32, shim_read(BASE, word(0), &read));
        printf(" %" PRIu32, read);
    } else if (strcmp(command, "send") == 0) {
        shim_send(word(0), word(1), word(2), word(3));
    } else if (strcmp(command, "drain") == 0) {
        shim_drain();
    } else if (strcmp(command, "wait") == 0) {
        shim_wait(word(0));
    } else if (strcmp(command, "interrupt") == 0) {
        printf(" %d", shim_interrupt());
    } else {
        fprintf(stderr, "unknown command %s\n", command);
        exit(5);
    }
    printf("\n");
    fflush(stdout);
}

int main(int argc, char **argv)
{
    static char line[16384];
    char *part;
    char *command;
    FILE *script;
    int count;

    if (argc != 6 || (script = fopen(argv[1], "r")) == NULL)
        return 5;
    shim_open(argv[2], argv[3], strtod(argv[4], NULL), strtoull(argv[5], NULL, 10));
    while (fgets(line, sizeof line, script) != NULL) {
        command = strtok(line, " \n");
        for (count = 0; count < MOST_NUMBERS && (part = strtok(NULL, " \n")) != NULL; ++count)
            number[count] = strtoll(part, NULL, 10);
        if (command != NULL)
            obey(command);
    }
    shim_close();
    fclose(script);
    return 0;
}
