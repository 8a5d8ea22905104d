// A verilated core behind a C program: bus accesses become AXI4-Lite cycles, frames become beats.
//
// Time passes only while the program is on the bus or waits. The video streams run on meanwhile,
// with random stalls on both sides. Every rule that is broken ends the program with status 3.
//
// From the command line of the compiler: IN_BYTES and OUT_BYTES, of a beat, and BEAT_PIXELS.

#include "Core.h"
#include "verilated.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <vector>

extern "C" {
#include "driver_shim.h"
}

namespace {

template <typename T>
uint8_t* bytes_of(T& port) { return reinterpret_cast<uint8_t*>(&port); }
template <std::size_t N>
uint8_t* bytes_of(VlWide<N>& port) { return reinterpret_cast<uint8_t*>(port.data()); }

struct Beat {
    std::vector<uint8_t> data;
    bool first, last;
};

struct Frame {
    uint32_t line, height;  // in beats
};

struct Sent {
    std::vector<uint8_t> data;
    uint32_t line;
    std::size_t beat;
};

VerilatedContext context;
Core core{&context, "core"};
std::FILE* input;
std::FILE* output;
std::deque<Sent> sent;
std::deque<Frame> expected;
uint32_t beat, row;
bool offering, waiting;
Beat held;
double stall;
uint64_t state, cycle, silent;

[[noreturn]] void broken(const char* rule) {
    std::fprintf(stderr, "%s (cycle %llu)\n", rule, (unsigned long long)cycle);
    std::exit(3);
}

bool chance(double probability) {
    uint64_t z = (state += 0x9E3779B97F4A7C15u);  // SplitMix64
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return double((z ^ (z >> 31)) >> 11) < probability * 9007199254740992.0;
}

uint32_t line_beats(uint32_t width) { return (width + BEAT_PIXELS - 1) / BEAT_PIXELS; }

void check_output() {
    if (expected.empty()) broken("a beat beyond the last frame");
    const Frame& frame = expected.front();
    Beat now{{bytes_of(core.m_axis_video_tdata), bytes_of(core.m_axis_video_tdata) + OUT_BYTES},
             core.m_axis_video_tuser != 0, core.m_axis_video_tlast != 0};
    if (waiting && (now.data != held.data || now.first != held.first || now.last != held.last))
        broken("the beat changed before tready took it");
    if (now.first != (row == 0 && beat == 0)) broken("tuser is wrong");
    if (now.last != (beat == frame.line - 1)) broken("tlast is wrong");
    waiting = !core.m_axis_video_tready;
    held = now;
    if (waiting) return;
    std::fwrite(now.data.data(), 1, now.data.size(), output);
    silent = 0;
    if (++beat == frame.line) {
        beat = 0;
        if (++row == frame.height) {
            row = 0;
            expected.pop_front();
        }
    }
}

// One clock cycle. What is on the ports before its edge is for `look` to see.
template <typename Look>
void tick(Look look) {
    if (!offering) {
        offering = !sent.empty() && !chance(stall);
        core.s_axis_video_tvalid = offering;
        if (offering) {
            const Sent& frame = sent.front();
            std::memcpy(bytes_of(core.s_axis_video_tdata), &frame.data[frame.beat * IN_BYTES],
                        IN_BYTES);
            core.s_axis_video_tuser = frame.beat == 0;
            core.s_axis_video_tlast = frame.beat % frame.line == frame.line - 1;
        }
    }
    core.m_axis_video_tready = !chance(stall);
    core.aclk = 0;
    core.eval();
    if (core.m_axis_video_tvalid) check_output();
    else if (waiting) broken("tvalid fell before tready took the beat");
    if (offering && core.s_axis_video_tready) {
        if (++sent.front().beat * IN_BYTES == sent.front().data.size()) sent.pop_front();
        offering = false;
        silent = 0;
    }
    look();
    core.aclk = 1;
    core.eval();
    ++cycle;
}

void tick() {
    tick([] {});
}

void patient(uint32_t& waited) {
    if (++waited > 1000) broken("the register port hangs");
}

}  // namespace

void shim_open(const char* input_path, const char* output_path, double stall_chance,
               uint64_t seed) {
    input = std::fopen(input_path, "rb");
    output = std::fopen(output_path, "wb");
    if (!input || !output) broken("a file cannot be opened");
    state = seed;
    core.aresetn = 0;
    for (int i = 0; i < 4; ++i) tick();
    core.aresetn = 1;
    stall = stall_chance;
}

void shim_close(void) {
    core.final();
    std::fclose(input);
    std::fclose(output);
}

void shim_send(uint32_t width, uint32_t height, uint32_t output_width, uint32_t output_height) {
    const uint32_t line = line_beats(width);
    sent.push_back({std::vector<uint8_t>(std::size_t(line) * height * IN_BYTES), line, 0});
    std::vector<uint8_t>& data = sent.back().data;
    if (std::fread(data.data(), 1, data.size(), input) != data.size())
        broken("the input is cut off");
    if (output_height) expected.push_back({line_beats(output_width), output_height});
}

void shim_drain(void) {
    silent = 0;
    while (!expected.empty()) {
        tick();
        if (++silent > 200000) broken("the core hangs");
    }
    for (int i = 0; i < 200; ++i) tick();  // nothing may follow
}

void shim_wait(uint32_t cycles) {
    while (cycles--) tick();
}

// Verilator renames it: it is a word of some C++ compilers.
int shim_interrupt(void) { return core.__SYM__interrupt; }

uint32_t shim_write(uintptr_t base, uint32_t offset, uint32_t word) {
    bool address_done = false, data_done = false, answered = false;
    uint32_t answer = 0, waited = 0;
    while (!answered) {
        // Address and data in any order.
        if (!address_done && chance(0.5)) core.s_axi_ctrl_awvalid = 1;
        if (!data_done && chance(0.5)) core.s_axi_ctrl_wvalid = 1;
        core.s_axi_ctrl_awaddr = uint32_t(base) + offset;
        core.s_axi_ctrl_wdata = word;
        core.s_axi_ctrl_wstrb = 0xF;
        core.s_axi_ctrl_bready = chance(0.5);
        tick([&] {
            address_done |= core.s_axi_ctrl_awvalid && core.s_axi_ctrl_awready;
            data_done |= core.s_axi_ctrl_wvalid && core.s_axi_ctrl_wready;
            answered = core.s_axi_ctrl_bvalid && core.s_axi_ctrl_bready;
            answer = core.s_axi_ctrl_bresp;
        });
        if (address_done) core.s_axi_ctrl_awvalid = 0;
        if (data_done) core.s_axi_ctrl_wvalid = 0;
        patient(waited);
    }
    core.s_axi_ctrl_bready = 0;
    if (!address_done || !data_done) broken("an answer before the write");
    return answer;
}

uint32_t shim_read(uintptr_t base, uint32_t offset, uint32_t* word) {
    bool asked = false, answered = false;
    uint32_t answer = 0, waited = 0;
    while (!answered) {
        core.s_axi_ctrl_arvalid = !asked;
        core.s_axi_ctrl_araddr = uint32_t(base) + offset;
        core.s_axi_ctrl_rready = chance(0.5);
        tick([&] {
            asked |= core.s_axi_ctrl_arvalid && core.s_axi_ctrl_arready;
            answered = core.s_axi_ctrl_rvalid && core.s_axi_ctrl_rready;
            answer = core.s_axi_ctrl_rresp;
            *word = core.s_axi_ctrl_rdata;
        });
        patient(waited);
    }
    core.s_axi_ctrl_arvalid = core.s_axi_ctrl_rready = 0;
    return answer;
}
