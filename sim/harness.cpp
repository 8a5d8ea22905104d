// Runs packed frames through a verilated core and checks its output port in every cycle.
//
//   harness JOB INPUT OUTPUT REPORT [WAVES.vcd]
//
// JOB is text, one "name count value..." a line. INPUT and OUTPUT hold the bytes of tdata, beat
// after beat. REPORT is JSON. On standard output: "output beats so far" now and then. Where TAPS
// lists a network's taps, as TAP(0) TAP(1), the beats of tap N go to OUTPUT.N.
//
// The Python bench (bench.py) does the same, cycle for cycle, and says what the terms mean. Two
// evaluations a cycle: one with the clock low, which settles the combinational paths after the
// inputs changed, and one at the rising edge.

#include "Core.h"
#include "verilated.h"
#if VM_TRACE
#include "verilated_vcd_c.h"
#endif

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "ports are copied as bytes, the lowest first"
#endif

namespace {

using Bytes = std::vector<uint8_t>;

[[noreturn]] void die(const std::string& what) {
    std::fprintf(stderr, "%s\n", what.c_str());
    std::exit(2);
}

// Ports of up to 64 bits are plain integers, wider ones arrays of 32-bit words.
template <typename T>
uint8_t* bytes_of(T& port) { return reinterpret_cast<uint8_t*>(&port); }
template <std::size_t N>
uint8_t* bytes_of(VlWide<N>& port) { return reinterpret_cast<uint8_t*>(port.data()); }

struct File {
    File(const char* path, const char* mode) : handle{std::fopen(path, mode)} {
        if (!handle) die(std::string{"cannot open "} + path);
    }
    ~File() {
        const bool failed = std::ferror(handle) != 0;
        if (std::fclose(handle) != 0 || failed)
            die(std::string{"cannot write: "} + std::strerror(errno));
    }
    std::FILE* handle;
};

#if VM_TRACE
// Ends the program where the waveform cannot be written. Verilator's own way of saying so takes a
// lock that it holds already, and waits for ever (5.48).
struct WaveFile : VerilatedVcdFile {
    ssize_t write(const char* bytes, ssize_t size) VL_MT_UNSAFE override {
        const ssize_t count = VerilatedVcdFile::write(bytes, size);
        if (count >= 0 || errno == EAGAIN || errno == EINTR) return count;
        std::fprintf(stderr, "cannot write the waves: %s\n", std::strerror(errno));
        std::_Exit(2);
    }
};
#endif

struct Job {
    explicit Job(const char* path) {
        File file{path, "r"};
        char name[64];
        std::size_t count;
        while (std::fscanf(file.handle, "%63s %zu", name, &count) == 2) {
            std::vector<uint64_t>& values = entries[name];
            values.resize(count);
            for (uint64_t& value : values) {
                unsigned long long number;
                if (std::fscanf(file.handle, "%llu", &number) != 1) die("the job is cut off");
                value = number;
            }
        }
    }
    const std::vector<uint64_t>& list(const char* name) const {
        const auto found = entries.find(name);
        if (found == entries.end()) die(std::string{"the job lacks "} + name);
        return found->second;
    }
    uint64_t operator[](const char* name) const { return list(name).at(0); }

    std::map<std::string, std::vector<uint64_t>> entries;
};

struct SplitMix {
    uint64_t state;
    uint64_t next() {
        uint64_t z = (state += 0x9E3779B97F4A7C15u);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
        return z ^ (z >> 31);
    }
};

// What a port's frames look like.
struct Format {
    explicit Format(const Job& job, const std::string& port)
        : line{job[(port + "_beats_per_line").c_str()]},
          frame{line * job[(port + "_height").c_str()]},
          size{job[(port + "_bytes_per_beat").c_str()]},
          last_size{job[(port + "_last_bytes").c_str()]} {}
    uint64_t line, frame;   // beats
    uint64_t size, last_size;  // bytes
};

// The place of the next beat, with its flags worked out ahead.
struct Place {
    explicit Place(const Format& format) : format{format} { restart(); }
    void restart() { frame = in_frame = in_line = 0; }
    bool first() const { return in_frame == 0; }
    bool last() const { return in_frame == format.frame - 1; }
    bool line_end() const { return in_line == format.line - 1; }
    uint64_t index() const { return frame * format.frame + in_frame; }
    void advance() {
        ++in_frame;
        if (++in_line == format.line) in_line = 0;
        if (in_frame == format.frame) {
            in_frame = 0;
            ++frame;
        }
    }
    Format format;
    uint64_t frame, in_frame, in_line;
};

struct Span {
    uint64_t first_in = 0, last_in = 0, first_out = 0, last_out = 0;
};

// tkeep with its lowest `count` bits set.
Bytes keep_bits(uint64_t count, std::size_t size) {
    Bytes bits(size, 0);
    for (uint64_t i = 0; i < count; ++i) bits.at(i / 8) |= uint8_t(1u << (i % 8));
    return bits;
}

struct Broken {
    std::string rule;
};

class Bench {
  public:
    Bench(const Job& job, const char* input, const char* waves)
        : context{new VerilatedContext}, core{new Core{context.get(), "core"}},
          source{Format{job, "input"}}, sink{Format{job, "output"}},
          gap{job.list("gap")}, late{job.list("late")}, hold{job.list("hold")},
          tap_sizes{job.list("tap_bytes")}, tap_beats{job.list("tap_beats")},
          threshold{job["threshold"]}, source_random{job.list("states").at(0)},
          sink_random{job.list("states").at(1)}, frame_count{job["frames"]},
          reset_cycles{job["reset_cycles"]}, reset_at{job["reset_at"]},
          will_reset{job["will_reset"] != 0}, patience{job["patience"]}, drain{job["drain"]} {
        File file{input, "rb"};
        in_beats.resize(frame_count * source.format.frame * source.format.size);
        if (std::fread(in_beats.data(), 1, in_beats.size(), file.handle) != in_beats.size())
            die("the input is cut off");
        out_beats.resize(frame_count * sink.format.frame * sink.format.size);
        held_beat.resize(sink.format.size);
        junk.resize(source.format.size);
#ifdef IN_KEEP
        in_keep = keep_bits(source.format.size, sizeof core->s_axis_video_tkeep);
        in_last_keep = keep_bits(source.format.last_size, sizeof core->s_axis_video_tkeep);
#endif
#ifdef OUT_KEEP
        out_keep = keep_bits(sink.format.size, sizeof core->m_axis_video_tkeep);
        out_last_keep = keep_bits(sink.format.last_size, sizeof core->m_axis_video_tkeep);
        held_keep.resize(out_keep.size());
#endif
#if VM_TRACE
        if (waves) {
            context->traceEverOn(true);
            trace.reset(new VerilatedVcdC{&wave_file});
            core->trace(trace.get(), 99);
            trace->open(waves);
        }
#else
        (void)waves;
#endif
    }

    void run() {
        for (;;) {
            reset();
            if (frames()) break;
        }
        core->final();
#if VM_TRACE
        if (trace) trace->close();
#endif
    }

    std::string place() const {
        char text[128];
        std::snprintf(text, sizeof text, " (frame %llu, row %llu, beat %llu, cycle %llu)",
                      (unsigned long long)sink.frame,
                      (unsigned long long)(sink.in_frame / sink.format.line),
                      (unsigned long long)sink.in_line, (unsigned long long)cycle);
        return text;
    }

    Bytes out_beats;
    std::vector<Bytes> taps;
    std::vector<Span> spans;

  private:
    void clock(int level) {
        core->aclk = level;
#ifdef IN_CLOCK
        core->IN_CLOCK = level;
#endif
    }
    void settle() {
        clock(0);
        core->eval();
        dump();
    }
    void edge() {
        clock(1);
        core->eval();
        dump();
    }
    void dump() {
#if VM_TRACE
        if (trace) trace->dump(time);
        time += 5;
#endif
    }

    void reset() {
        source.restart();
        sink.restart();
        spans.assign(frame_count, Span{});
        taps.assign(tap_sizes.size(), Bytes{});
        cycle = silent = drained = held = 0;
        offering = waiting = false;
        core->aresetn = 0;
        core->s_axis_video_tvalid = core->s_axis_video_tuser = core->s_axis_video_tlast = 0;
        std::memset(bytes_of(core->s_axis_video_tdata), 0, source.format.size);
#ifdef IN_KEEP
        std::memset(bytes_of(core->s_axis_video_tkeep), 0, in_keep.size());
#endif
        core->m_axis_video_tready = 0;
        for (uint64_t i = 0; i < reset_cycles; ++i) {
            settle();
            if (i > 0 && i == reset_cycles - 1 && core->m_axis_video_tvalid)
                throw Broken{"tvalid is 1 in reset"};
            edge();
        }
        core->aresetn = 1;
        idle = pause();
    }

    bool frames() {
        for (;;) {
            drive();
            settle();
            const bool taken = check();
            const bool sent = offering && core->s_axis_video_tready;
            if (will_reset && cycle == reset_at) {
                will_reset = false;
                edge();
                return false;
            }
#ifdef TAPS
#define TAP(n) if (core->tap_##n##_tvalid) tapped(n, bytes_of(core->tap_##n##_tdata));
            TAPS
#undef TAP
#endif
            if (taken) {
                Span& span = spans[sink.frame];
                if (sink.first()) span.first_out = cycle;
                if (sink.last()) span.last_out = cycle;
                std::memcpy(&out_beats[sink.index() * sink.format.size],
                            bytes_of(core->m_axis_video_tdata), sink.format.size);
                sink.advance();
                held = 0;
            }
            if ((cycle & 0xFF) == 0) say();
            if (sent) {
                Span& span = spans[source.frame];
                if (source.first()) span.first_in = cycle;
                if (source.last()) span.last_in = cycle;
                source.advance();
                offering = false;
                idle = pause();
            }
            const bool ready_in = core->s_axis_video_tready;
            edge();
            ++cycle;
            if (source.frame == frame_count && sink.frame == frame_count && tapped_all()) {
                if (++drained > drain) return true;
            } else if (taken || sent) {
                silent = 0;
            } else if (++silent > patience) {
                throw Broken{"the core hangs: no beat for " + std::to_string(silent)
                             + " cycles, " + std::to_string(source.index()) + " of "
                             + std::to_string(frame_count * source.format.frame)
                             + " input beats taken, input tready " + (ready_in ? "1" : "0")};
            }
        }
    }

    // How far it is, each half second.
    void say() {
        const auto now = std::chrono::steady_clock::now();
        if (now - said < std::chrono::milliseconds{500}) return;
        said = now;
        std::printf("%llu\n", (unsigned long long)sink.index());
        std::fflush(stdout);
    }

    uint64_t pause() const {
        uint64_t cycles = 0;
        if (source.frame == frame_count) return 0;
        if (source.first() && source.frame) cycles += gap[(source.frame - 1) % gap.size()];
        if (source.last()) cycles += late[source.frame % late.size()];
        return cycles;
    }

    void tapped(std::size_t n, const uint8_t* data) {
        taps[n].insert(taps[n].end(), data, data + tap_sizes[n]);
        silent = 0;
    }

    // Whether the taps have shown all frames: the last rows of a tensor may be behind the output.
    bool tapped_all() const {
        for (std::size_t n = 0; n < taps.size(); ++n)
            if (taps[n].size() < frame_count * tap_beats[n] * tap_sizes[n]) return false;
        return true;
    }

    bool stalled(SplitMix& random) const { return threshold && (random.next() >> 32) < threshold; }

    void drive() {
        if (!offering) {
            if (source.frame < frame_count) {
                if (idle) {
                    --idle;
                } else {
                    offering = !stalled(source_random);
                }
            }
            offer();
        }
        const bool pausing = sink.last() && held < hold[sink.frame % hold.size()];
        const bool stall = stalled(sink_random);
        core->m_axis_video_tready = !stall && !pausing;
    }

    // Puts the next beat on the port; where none is offered, junk that a core must not look at.
    void offer() {
        const bool any = source.frame < frame_count;
        const uint8_t* beat = any ? &in_beats[source.index() * source.format.size] : nullptr;
        core->s_axis_video_tvalid = offering;
        if (offering) {
            std::memcpy(bytes_of(core->s_axis_video_tdata), beat, source.format.size);
            core->s_axis_video_tuser = source.first();
            core->s_axis_video_tlast = source.line_end();
        } else {
            for (std::size_t i = 0; i < junk.size(); ++i) junk[i] = uint8_t(any ? ~beat[i] : 0xFF);
            std::memcpy(bytes_of(core->s_axis_video_tdata), junk.data(), junk.size());
            core->s_axis_video_tuser = core->s_axis_video_tlast = 1;
        }
#ifdef IN_KEEP
        const Bytes& keep = source.line_end() ? in_last_keep : in_keep;
        if (offering) {
            std::memcpy(bytes_of(core->s_axis_video_tkeep), keep.data(), keep.size());
        } else {
            std::memset(bytes_of(core->s_axis_video_tkeep), 0, keep.size());
        }
#endif
    }

    // The rules of protocol.py. Returns whether the coming edge takes a beat.
    bool check() {
        if (!core->m_axis_video_tvalid) {
            if (waiting) throw Broken{"tvalid fell before tready took the beat"};
            return false;
        }
        const uint8_t* data = bytes_of(core->m_axis_video_tdata);
        const bool user = core->m_axis_video_tuser, last = core->m_axis_video_tlast;
        if (sink.frame >= frame_count) throw Broken{"a beat beyond the end of the last frame"};
        if (waiting) {
            if (std::memcmp(data, held_beat.data(), held_beat.size()) != 0) changed("tdata");
            if (user != held_user) changed("tuser");
            if (last != held_last) changed("tlast");
#ifdef OUT_KEEP
            if (std::memcmp(bytes_of(core->m_axis_video_tkeep), held_keep.data(), held_keep.size()))
                changed("tkeep");
#endif
        }
        if (user != sink.first())
            throw Broken{std::string{"tuser is "} + (user ? "1" : "0") + ", and the beat "
                         + (sink.first() ? "is" : "is not") + " a frame's first"};
        if (last != sink.line_end())
            throw Broken{std::string{"tlast is "} + (last ? "1" : "0") + ", and the beat "
                         + (sink.line_end() ? "is" : "is not") + " a line's last"};
#ifdef OUT_KEEP
        const Bytes& keep = sink.line_end() ? out_last_keep : out_keep;
        const uint8_t* seen = bytes_of(core->m_axis_video_tkeep);
        if (std::memcmp(seen, keep.data(), keep.size()) != 0)
            throw Broken{"tkeep is " + hex(seen, keep.size()) + ", not "
                         + hex(keep.data(), keep.size())};
#endif
        if (core->m_axis_video_tready) {
            waiting = false;
            return true;
        }
        waiting = true;
        std::memcpy(held_beat.data(), data, held_beat.size());
        held_user = user;
        held_last = last;
#ifdef OUT_KEEP
        std::memcpy(held_keep.data(), seen, held_keep.size());
#endif
        if (sink.last() && held < hold[sink.frame % hold.size()]) ++held;
        return false;
    }

    [[noreturn]] void changed(const char* name) const {
        throw Broken{std::string{name} + " changed before tready took the beat"};
    }

    static std::string hex(const uint8_t* bytes, std::size_t size) {
        std::string text;
        for (std::size_t i = size; i-- > 0;) {
            char digits[3];
            std::snprintf(digits, sizeof digits, "%02x", bytes[i]);
            text += digits;
        }
        const std::size_t start = text.find_first_not_of('0');
        return "0x" + (start == std::string::npos ? "0" : text.substr(start));
    }

    std::unique_ptr<VerilatedContext> context;
    std::unique_ptr<Core> core;
#if VM_TRACE
    WaveFile wave_file;
    std::unique_ptr<VerilatedVcdC> trace;
    uint64_t time = 0;
#endif
    Place source, sink;
    std::vector<uint64_t> gap, late, hold, tap_sizes, tap_beats;
    uint64_t threshold;
    SplitMix source_random, sink_random;
    uint64_t frame_count, reset_cycles, reset_at;
    bool will_reset;
    uint64_t patience, drain;
    Bytes in_beats, junk, held_beat;
    Bytes in_keep, in_last_keep, out_keep, out_last_keep, held_keep;
    bool held_user = false, held_last = false;
    uint64_t cycle = 0, silent = 0, drained = 0, held = 0, idle = 0;
    bool offering = false, waiting = false;
    std::chrono::steady_clock::time_point said{};
};

void write(const std::string& path, const Bytes& bytes) {
    File file{path.c_str(), "wb"};
    if (std::fwrite(bytes.data(), 1, bytes.size(), file.handle) != bytes.size())
        die(std::string{"cannot write the output: "} + std::strerror(errno));
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 5) die("harness JOB INPUT OUTPUT REPORT [WAVES.vcd]");
    const Job job{argv[1]};
    Bench bench{job, argv[2], argc > 5 ? argv[5] : nullptr};
    std::string error;
    try {
        bench.run();
    } catch (const Broken& broken) {
        error = "m_axis_video: " + broken.rule + bench.place();
    }
    write(argv[3], bench.out_beats);
    for (std::size_t n = 0; n < bench.taps.size(); ++n)
        write(std::string{argv[3]} + "." + std::to_string(n), bench.taps[n]);
    File report{argv[4], "w"};
    std::fprintf(report.handle, "{\"error\": \"%s\", \"spans\": [", error.c_str());
    for (std::size_t i = 0; i < bench.spans.size(); ++i) {
        const Span& span = bench.spans[i];
        std::fprintf(report.handle, "%s[%llu, %llu, %llu, %llu]", i ? ", " : "",
                     (unsigned long long)span.first_in, (unsigned long long)span.last_in,
                     (unsigned long long)span.first_out, (unsigned long long)span.last_out);
    }
    std::fprintf(report.handle, "]}\n");
    return 0;
}
