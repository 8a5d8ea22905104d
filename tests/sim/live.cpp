// A verilated core that obeys commands on standard input: live_bench.py has the other end.
//
// A command is three 32-bit words, the operation and two operands, and for SEND the beats. Each is
// answered with what has come out since the one before: the error, if a rule of a port was broken
// or the core hangs, the cycle, the events, the output beats, and two words of the operation's own.
// Numbers are little-endian. It ends with its input, or after an error.
//
// Compiled with IN_BYTES and OUT_BYTES of a beat, the PATIENCE in cycles for what must not take for
// ever, and CONTROL where there is a register port.

#include "Core.h"
#include "verilated.h"

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace {

enum Operation : uint32_t { TRAFFIC, RESET, IDLE, SEND, QUIET, WRITE, READ };

// Flags of a beat. Before one with PAUSE the input rests for a while.
enum Flag : uint8_t { FIRST = 1, LAST = 2, PAUSE = 4 };

using Bytes = std::vector<uint8_t>;

template <typename T>
uint8_t* bytes_of(T& port) { return reinterpret_cast<uint8_t*>(&port); }
template <std::size_t N>
uint8_t* bytes_of(VlWide<N>& port) { return reinterpret_cast<uint8_t*>(port.data()); }

struct SplitMix {
    uint64_t state;
    uint32_t next() {
        uint64_t z = (state += 0x9E3779B97F4A7C15u);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
        return uint32_t((z ^ (z >> 31)) >> 32);
    }
};

struct Broken {
    std::string rule;
};

class Bench {
  public:
    Bench() : context{new VerilatedContext}, core{new Core{context.get(), "core"}} { reset(4, 0); }

    void traffic(uint32_t source, uint32_t sink) {
        source_stall = source;
        sink_stall = sink;
    }

    // What is up to chance begins anew too.
    void reset(uint32_t cycles, uint32_t seed) {
        random.state = seed;
        core->aresetn = 0;
        waiting = false;
        for (uint32_t i = 0; i < cycles; ++i) {
            none();
            core->m_axis_video_tready = random.next() & 1;
            level(0);
            // What was there before the reset is not looked at.
            if (i && core->m_axis_video_tvalid) throw Broken{"tvalid is 1 in reset"};
            if (i && core->events) throw Broken{"an event in reset"};
            level(1);
            ++cycle;
        }
        core->aresetn = 1;
    }

    void idle(uint32_t cycles) {
        for (uint32_t i = 0; i < cycles; ++i) {
            none();
            step();
        }
    }

    // Until nothing has come out for so many cycles in which the sink was ready.
    void quiet(uint32_t cycles) {
        const uint64_t begun = out.size();
        for (uint32_t silent = 0; silent < cycles;) {
            if (out.size() - begun > uint64_t{PATIENCE} * (1 + OUT_BYTES))
                throw Broken{"the output does not end"};
            none();
            const std::size_t before = out.size();
            step();
            if (out.size() != before) silent = 0;
            else if (core->m_axis_video_tready) ++silent;
        }
    }

    void send(const Bytes& beats, uint32_t pause) {
        const std::size_t size = sizeof core->s_axis_video_tdata;
        for (std::size_t at = 0; at + 1 + IN_BYTES <= beats.size(); at += 1 + IN_BYTES) {
            if (beats[at] & PAUSE) quiet(pause);
            while (source_stall && random.next() < source_stall) {
                none();
                step();
            }
            uint64_t waited = 0;
            for (;;) {
                std::memset(bytes_of(core->s_axis_video_tdata), 0, size);
                std::memcpy(bytes_of(core->s_axis_video_tdata), &beats[at + 1], IN_BYTES);
                core->s_axis_video_tvalid = 1;
                core->s_axis_video_tuser = (beats[at] & FIRST) != 0;
                core->s_axis_video_tlast = (beats[at] & LAST) != 0;
                if (step()) break;
                // Only cycles in which the sink was ready are the core's own.
                waited += core->m_axis_video_tready;
                if (waited > PATIENCE)
                    throw Broken{"beat " + std::to_string(at / (1 + IN_BYTES)) + " is not taken"};
            }
        }
    }

#ifdef CONTROL
    uint32_t write(uint32_t address, uint32_t data) {
        bool addressed = false, written = false;
        core->s_axi_ctrl_awaddr = address;
        core->s_axi_ctrl_awprot = 0;
        core->s_axi_ctrl_wdata = data;
        core->s_axi_ctrl_wstrb = 15;
        for (uint32_t waited = 0; waited < PATIENCE; ++waited) {
            // Once offered they stay; which comes first is up to chance.
            core->s_axi_ctrl_awvalid = !addressed && (core->s_axi_ctrl_awvalid || random.next() & 1);
            core->s_axi_ctrl_wvalid = !written && (core->s_axi_ctrl_wvalid || random.next() & 1);
            core->s_axi_ctrl_bready = random.next() & 1;
            none();
            before([&] {
                addressed |= core->s_axi_ctrl_awvalid && core->s_axi_ctrl_awready;
                written |= core->s_axi_ctrl_wvalid && core->s_axi_ctrl_wready;
                answered = core->s_axi_ctrl_bvalid && core->s_axi_ctrl_bready;
                response = core->s_axi_ctrl_bresp;
            });
            if (answered) {
                if (!addressed || !written) throw Broken{"an answer before the write"};
                core->s_axi_ctrl_awvalid = core->s_axi_ctrl_wvalid = core->s_axi_ctrl_bready = 0;
                return response;
            }
        }
        throw Broken{"a write is not answered"};
    }

    uint32_t read(uint32_t address, uint32_t& data) {
        bool addressed = false;
        core->s_axi_ctrl_araddr = address;
        core->s_axi_ctrl_arprot = 0;
        for (uint32_t waited = 0; waited < PATIENCE; ++waited) {
            core->s_axi_ctrl_arvalid = !addressed;
            core->s_axi_ctrl_rready = random.next() & 1;
            none();
            before([&] {
                addressed |= core->s_axi_ctrl_arvalid && core->s_axi_ctrl_arready;
                answered = core->s_axi_ctrl_rvalid && core->s_axi_ctrl_rready;
                response = core->s_axi_ctrl_rresp;
                data = core->s_axi_ctrl_rdata;
            });
            if (answered) {
                core->s_axi_ctrl_arvalid = core->s_axi_ctrl_rready = 0;
                return response;
            }
        }
        throw Broken{"a read is not answered"};
    }
#endif

    uint64_t cycle = 0;
    Bytes events, out;

  private:
    void level(int clock) {
        core->aclk = clock;
        core->eval();
    }

    // No beat is offered, and what stands there must not matter.
    void none() {
        core->s_axis_video_tvalid = 0;
        const uint32_t junk = random.next();
        core->s_axis_video_tuser = junk & 1;
        core->s_axis_video_tlast = junk >> 1 & 1;
        uint8_t* data = bytes_of(core->s_axis_video_tdata);
        for (std::size_t i = 0; i < IN_BYTES; ++i) data[i] = uint8_t(junk >> (i % 3 * 8 + 2));
    }

    bool step() {
        return before([] {});
    }

    // One cycle; `look` sees the ports before the clock edge. Returns whether a beat was taken.
    template <typename Look>
    bool before(Look look) {
        core->m_axis_video_tready = !(sink_stall && random.next() < sink_stall);
        level(0);
        look();
        const bool taken = core->s_axis_video_tvalid && core->s_axis_video_tready;
        if (core->events) events.push_back(core->events);
        check();
        level(1);
        ++cycle;
        return taken;
    }

    void check() {
        if (!core->m_axis_video_tvalid) {
            if (waiting) throw Broken{"tvalid fell before tready took the beat"};
            return;
        }
        Bytes beat(1 + OUT_BYTES);
        beat[0] = uint8_t((core->m_axis_video_tuser ? FIRST : 0)
                          | (core->m_axis_video_tlast ? LAST : 0));
        std::memcpy(&beat[1], bytes_of(core->m_axis_video_tdata), OUT_BYTES);
        if (waiting && beat != held) throw Broken{"a beat changed before tready took it"};
        waiting = !core->m_axis_video_tready;
        held = beat;
        if (!waiting) out.insert(out.end(), beat.begin(), beat.end());
    }

    std::unique_ptr<VerilatedContext> context;
    std::unique_ptr<Core> core;
    SplitMix random{0};
    uint32_t source_stall = 0, sink_stall = 0;
    bool waiting = false;
    Bytes held;
#ifdef CONTROL
    bool answered = false;
    uint32_t response = 0;
#endif
};

bool take(void* to, std::size_t size) { return std::fread(to, 1, size, stdin) == size; }

void give(const void* from, std::size_t size) { std::fwrite(from, 1, size, stdout); }

void give(const Bytes& bytes) {
    const uint32_t size = uint32_t(bytes.size());
    give(&size, sizeof size);
    give(bytes.data(), size);
}

}  // namespace

int main() {
    Bench bench;
    uint32_t command[3];
    while (take(command, sizeof command)) {
        const uint32_t one = command[1], other = command[2];
        uint32_t results[2] = {0, 0};
        std::string error;
        try {
            switch (command[0]) {
            case TRAFFIC: bench.traffic(one, other); break;
            case RESET: bench.reset(one, other); break;
            case IDLE: bench.idle(one); break;
            case QUIET: bench.quiet(one); break;
            case SEND: {
                Bytes beats(std::size_t{one} * (1 + IN_BYTES));
                if (!take(beats.data(), beats.size())) return 2;
                bench.send(beats, other);
                break;
            }
#ifdef CONTROL
            case WRITE: results[0] = bench.write(one, other); break;
            case READ: results[0] = bench.read(one, results[1]); break;
#endif
            default: error = "there is no such command";
            }
        } catch (const Broken& broken) {
            error = broken.rule;
        }
        give(Bytes(error.begin(), error.end()));
        give(&bench.cycle, sizeof bench.cycle);
        give(bench.events);
        give(bench.out);
        give(results, sizeof results);
        std::fflush(stdout);
        bench.events.clear();
        bench.out.clear();
        if (!error.empty()) return 1;
    }
    return 0;
}
