/* {{ name }}.h: the registers of {{ name }}, and a driver for them.
 *
 * C99 and C++. The first argument of every function is the address of the register port.
 * A setting is checked before it is written, because the port answers what is not legal with an
 * error, which many processors take for a fault. Settings wait for {{ name }}_commit(), and are taken
 * together when the next frame starts.
 *
 * Where registers are not reached through a pointer, define {{ NAME }}_READ(base, offset) and
 * {{ NAME }}_WRITE(base, offset, word) before this file is included.
 */
#ifndef {{ NAME }}_DRIVER_H
#define {{ NAME }}_DRIVER_H

#include <stdint.h>

#ifndef {{ NAME }}_READ
#define {{ NAME }}_READ(base, offset) \
    (*(volatile const uint32_t *)((base) + (uintptr_t)(offset)))
#endif
#ifndef {{ NAME }}_WRITE
#define {{ NAME }}_WRITE(base, offset, word) \
    ((void)(*(volatile uint32_t *)((base) + (uintptr_t)(offset)) = (word)))
#endif

/* The core that this file was made for. */
{% for block in map.blocks %}
#define {{ NAME }}_{{ block.prefix }}KERNEL_ROWS {{ block.filter.kernel_height }}
#define {{ NAME }}_{{ block.prefix }}KERNEL_COLUMNS {{ block.filter.kernel_width }}
#define {{ NAME }}_{{ block.prefix }}RUNTIME_COEFFICIENTS {{ block.filter.runtime_kernel | int }}
{% endfor %}
#define {{ NAME }}_MAP_VERSION {{ map_version }}u

/* Registers: byte offsets, and the masks and lowest bits of their fields. */
{% for register in map.registers %}
#define {{ NAME }}_{{ register.name }}_OFFSET {{ "0x%03x" % register.offset }}u
{% for field in register.fields %}
#define {{ NAME }}_{{ register.name }}_{{ field.name | upper }}_MASK {{ "0x%08x" % field.mask }}u
#define {{ NAME }}_{{ register.name }}_{{ field.name | upper }}_LOW {{ field.low }}
{% endfor %}
{% endfor %}

/* Events, as in the registers EVENTS and INTERRUPT_ENABLE. */
{% for event in events %}
#define {{ NAME }}_EVENT_{{ event.name | upper }} {{ "0x%08x" % event.mask }}u /* {{ event.meaning }} */
{% endfor %}
#define {{ NAME }}_EVENTS_ERRORS {{ "0x%08x" % error_mask }}u
#define {{ NAME }}_EVENTS_ALL {{ "0x%08x" % map["EVENTS"].mask }}u

/* What fills the padding. */
{% for border in borders %}
#define {{ NAME }}_BORDER_{{ border | upper }} {{ loop.index0 }}u
{% endfor %}

/* From the sum to the output. */
{% for rounding in roundings %}
#define {{ NAME }}_ROUND_{{ rounding | upper | replace("-", "_") }} {{ loop.index0 }}u
{% endfor %}

/* What functions return. */
#define {{ NAME }}_OK 0
#define {{ NAME }}_ERROR_ID (-1)      /* there is no windrow core */
#define {{ NAME }}_ERROR_CORE (-2)    /* it is another core, or has another map of registers */
#define {{ NAME }}_ERROR_VALUE (-3)   /* the value is not legal; nothing was written */
#define {{ NAME }}_ERROR_TIMEOUT (-4) /* it was asked often enough */

static inline uint32_t {{ name }}_read(uintptr_t base, uint32_t offset)
{
    return {{ NAME }}_READ(base, offset);
}

static inline void {{ name }}_write(uintptr_t base, uint32_t offset, uint32_t word)
{
    {{ NAME }}_WRITE(base, offset, word);
}

/* Checks that the core is the one that this file was made for, clears its events, and disables its
 * interrupt. Its settings stay as they are: after a reset, those of the filter. */
static inline int {{ name }}_init(uintptr_t base)
{
    if ({{ name }}_read(base, {{ NAME }}_ID_OFFSET) != {{ "0x%08x" % map["ID"].resets[0] }}u)
        return {{ NAME }}_ERROR_ID;
    if ({{ name }}_read(base, {{ NAME }}_VERSION_OFFSET) >> {{ NAME }}_VERSION_MAP_LOW
        != {{ NAME }}_MAP_VERSION)
        return {{ NAME }}_ERROR_CORE;
{% for register in identity %}
    if ({{ name }}_read(base, {{ NAME }}_{{ register.name }}_OFFSET) != {{ "0x%08x" % register.resets[0] }}u)
        return {{ NAME }}_ERROR_CORE;
{% endfor %}
    {{ name }}_write(base, {{ NAME }}_INTERRUPT_ENABLE_OFFSET, 0);
    {{ name }}_write(base, {{ NAME }}_EVENTS_OFFSET, {{ NAME }}_EVENTS_ALL);
    return {{ NAME }}_OK;
}

{% if map["CONTROL"].fields | length == 1 %}
/* Whether frames are filtered, or else dropped. */
static inline void {{ name }}_set_enable(uintptr_t base, int enable)
{
    {{ name }}_write(base, {{ NAME }}_CONTROL_OFFSET, enable ? {{ NAME }}_CONTROL_ENABLE_MASK : 0u);
}
{% else %}
/* Whether frames are filtered (else dropped), and whether they pass unfiltered. */
static inline void {{ name }}_set_control(uintptr_t base, int enable, int bypass)
{
    {{ name }}_write(base, {{ NAME }}_CONTROL_OFFSET,
        (enable ? {{ NAME }}_CONTROL_ENABLE_MASK : 0u)
        | (bypass ? {{ NAME }}_CONTROL_BYPASS_MASK : 0u));
}
{% endif %}

{% if map["SIZE"].buffered %}
/* Size of the input frame, in pixels. */
static inline int {{ name }}_set_size(uintptr_t base, uint32_t width, uint32_t height)
{
    if (width < {{ size.width.minimum }}u || width > {{ size.width.maximum }}u
        || height < {{ size.height.minimum }}u || height > {{ size.height.maximum }}u)
        return {{ NAME }}_ERROR_VALUE;
{% if size.width.step > 1 %}
    if (width % {{ size.width.step }}u != {{ size.width.resets[0] % size.width.step }}u)
        return {{ NAME }}_ERROR_VALUE;
{% endif %}
    {{ name }}_write(base, {{ NAME }}_SIZE_OFFSET, height << {{ NAME }}_SIZE_HEIGHT_LOW | width);
    return {{ NAME }}_OK;
}

{% endif %}
{% for block in map.blocks %}
{% set MACRO = NAME ~ "_" ~ block.prefix %}
{% set call = name ~ "_" ~ block.stage if block.stage else name %}
{% if block.stage %}
/* Whether stage {{ block.stage }} does nothing. */
static inline void {{ call }}_set_bypass(uintptr_t base, int bypass)
{
    {{ name }}_write(base, {{ MACRO }}BYPASS_OFFSET, bypass ? {{ MACRO }}BYPASS_BYPASS_MASK : 0u);
}

{% endif %}
/* The sum is divided by 2**shift, and rounded as one of {{ NAME }}_ROUND_*. */
static inline int {{ call }}_set_scale(uintptr_t base, uint32_t shift, uint32_t rounding)
{
    if (shift > {{ map[block.prefix ~ "SCALE"].fields[0].maximum }}u || rounding > {{ roundings | length - 1 }}u)
        return {{ NAME }}_ERROR_VALUE;
    {{ name }}_write(base, {{ MACRO }}SCALE_OFFSET, rounding << {{ MACRO }}SCALE_ROUNDING_LOW | shift);
    return {{ NAME }}_OK;
}

/* Added before rounding, in output units. */
static inline void {{ call }}_set_offset(uintptr_t base, int32_t offset)
{
    {{ name }}_write(base, {{ MACRO }}OFFSET_OFFSET, (uint32_t)offset);
}

/* What fills the padding on each side, of {{ NAME }}_BORDER_*. */
static inline int {{ call }}_set_border(uintptr_t base, uint32_t top, uint32_t bottom,
                                        uint32_t left, uint32_t right)
{
{% set most = borders | length - 1 %}
    if (top > {{ most }}u || bottom > {{ most }}u || left > {{ most }}u || right > {{ most }}u)
        return {{ NAME }}_ERROR_VALUE;
    {{ name }}_write(base, {{ MACRO }}BORDER_OFFSET,
        top << {{ MACRO }}BORDER_TOP_LOW | bottom << {{ MACRO }}BORDER_BOTTOM_LOW
        | left << {{ MACRO }}BORDER_LEFT_LOW | right << {{ MACRO }}BORDER_RIGHT_LOW);
    return {{ NAME }}_OK;
}

/* Input sample for a constant border. */
static inline int {{ call }}_set_border_value(uintptr_t base, int32_t value)
{
    if (value < {{ block.filter.pixel.minimum }} || value > {{ block.filter.pixel.maximum }})
        return {{ NAME }}_ERROR_VALUE;
    {{ name }}_write(base, {{ MACRO }}BORDER_VALUE_OFFSET, (uint32_t)value);
    return {{ NAME }}_OK;
}

/* One coefficient of the kernel that was written, or of the filter's own. */
static inline int32_t {{ call }}_get_coefficient(uintptr_t base, uint32_t row, uint32_t column)
{
    const uint32_t cell = row * {{ MACRO }}KERNEL_COLUMNS + column;
    return (int32_t){{ name }}_read(base, {{ MACRO }}COEFFICIENT_OFFSET + 4u * cell);
}

{% if block.filter.runtime_kernel %}
/* The whole kernel, row by row, as the filter's key `kernel`. All of it is checked first. */
static inline int {{ call }}_load_kernel(uintptr_t base, const int32_t *kernel)
{
    uint32_t cell;

{% set coefficient = map[block.prefix ~ "COEFFICIENT"] %}
{% set field = coefficient.fields[0] %}
{% if block.filter.coefficient_bits < 32 %}
    for (cell = 0; cell < {{ coefficient.count }}u; ++cell)
        if (kernel[cell] < {{ field.minimum }} || kernel[cell] > {{ field.maximum }})
            return {{ NAME }}_ERROR_VALUE;
{% endif %}
    for (cell = 0; cell < {{ coefficient.count }}u; ++cell)
        {{ name }}_write(base, {{ MACRO }}COEFFICIENT_OFFSET + 4u * cell, (uint32_t)kernel[cell]);
    return {{ NAME }}_OK;
}

{% endif %}
{% endfor %}
{% for register in map.parameters %}
{% set field = register.fields[0] %}
{% set type = "int32_t" if field.signed else "uint32_t" %}
/* The parameter {{ field.path[-1] }}, from {{ field.minimum }} to {{ field.maximum }}. */
static inline int {{ name }}_set_parameter_{{ field.path[-1] }}(uintptr_t base, {{ type }} value)
{
{% set wrong = [] %}
{% if field.minimum > (-2147483648 if field.signed else 0) %}
{% set _ = wrong.append("value < " ~ field.minimum ~ ("" if field.signed else "u")) %}
{% endif %}
{% if field.maximum < (2147483647 if field.signed else 4294967295) %}
{% set _ = wrong.append("value > " ~ field.maximum ~ ("" if field.signed else "u")) %}
{% endif %}
{% if wrong %}
    if ({{ wrong | join(" || ") }})
        return {{ NAME }}_ERROR_VALUE;
{% endif %}
    {{ name }}_write(base, {{ NAME }}_{{ register.name }}_OFFSET, (uint32_t)value);
    return {{ NAME }}_OK;
}

{% endfor %}
{% for stage, (entry, counter) in map.tables.items() %}
{% set field = entry.fields[0] %}
{% set count = 2 ** (counter.fields[0].bits - 1) %}
/* A whole table of stage {{ stage }}: {{ count }} entries, from that of the least sample on. All of them are
 * checked first. */
static inline int {{ name }}_{{ stage }}_load_table(uintptr_t base, const int32_t *entries)
{
    uint32_t index;

    for (index = 0; index < {{ count }}u; ++index)
        if (entries[index] < {{ field.minimum }} || entries[index] > {{ field.maximum }})
            return {{ NAME }}_ERROR_VALUE;
    for (index = 0; index < {{ count }}u; ++index)
        {{ name }}_write(base, {{ NAME }}_{{ entry.name }}_OFFSET,
            ((uint32_t)entries[index] & {{ NAME }}_{{ entry.name }}_ENTRY_MASK)
            | (index == 0u ? {{ NAME }}_{{ entry.name }}_FIRST_MASK : 0u));
    return {{ NAME }}_OK;
}

{% endfor %}
/* Commits all settings that have been written, in place of a commit that still waits. */
static inline void {{ name }}_commit(uintptr_t base)
{
    {{ name }}_write(base, {{ NAME }}_COMMIT_OFFSET, {{ NAME }}_COMMIT_COMMIT_MASK);
}

/* Whether a commit waits for a frame to start. */
static inline int {{ name }}_is_pending(uintptr_t base)
{
    return ({{ name }}_read(base, {{ NAME }}_STATUS_OFFSET) & {{ NAME }}_STATUS_PENDING_MASK) != 0u;
}

/* Asks at most `tries` times whether the commit has been taken. */
static inline int {{ name }}_wait_taken(uintptr_t base, uint32_t tries)
{
    while (tries-- > 0u)
        if (!{{ name }}_is_pending(base))
            return {{ NAME }}_OK;
    return {{ NAME }}_ERROR_TIMEOUT;
}

/* {{ NAME }}_EVENT_* that have happened since they were cleared. */
static inline uint32_t {{ name }}_events(uintptr_t base)
{
    return {{ name }}_read(base, {{ NAME }}_EVENTS_OFFSET);
}

static inline void {{ name }}_clear_events(uintptr_t base, uint32_t events)
{
    {{ name }}_write(base, {{ NAME }}_EVENTS_OFFSET, events & {{ NAME }}_EVENTS_ALL);
}

/* The interrupt output is high while any of these events has happened and is not cleared. */
static inline void {{ name }}_enable_interrupts(uintptr_t base, uint32_t events)
{
    {{ name }}_write(base, {{ NAME }}_INTERRUPT_ENABLE_OFFSET, events & {{ NAME }}_EVENTS_ALL);
}

/* Frames that have started since the reset, modulo 2**32. */
static inline uint32_t {{ name }}_frames(uintptr_t base)
{
    return {{ name }}_read(base, {{ NAME }}_FRAMES_OFFSET);
}

/* How often each error has happened since the reset, modulo 2**16: take differences. */
typedef struct {
{% for register in errors.values() %}
    uint32_t {{ register | lower }};
{% endfor %}
} {{ name }}_counters_t;

static inline {{ name }}_counters_t {{ name }}_counters(uintptr_t base)
{
    {{ name }}_counters_t counters;
{% for register in errors.values() %}
    counters.{{ register | lower }} = {{ name }}_read(base, {{ NAME }}_{{ register }}_OFFSET);
{% endfor %}
    return counters;
}

#endif
