package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A machine is what the numbers depend on.
type machine struct {
	cpu    string
	fsync  time.Duration // median of writing 4 KiB and waiting for it
	others float64       // share of all cores that other processes used; negative: not known
}

func lookAround(dir string) machine {
	return machine{cpu: cpuModel(), fsync: fsyncTime(dir), others: -1}
}

func (m machine) String() string {
	text := fmt.Sprintf("%s, %d cores, %s %s, %s; fsync of 4 KiB %v", m.cpu, runtime.GOMAXPROCS(0), runtime.GOOS, runtime.GOARCH,
		runtime.Version(), m.fsync.Round(time.Microsecond))
	if m.others >= 0 {
		text += fmt.Sprintf("; other processes used %.0f %% of all cores meanwhile", 100*m.others)
	}
	return text
}

func cpuModel() string {
	info, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(info)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown CPU"
}

func fsyncTime(dir string) time.Duration {
	f, err := os.Create(filepath.Join(dir, "fsync"))
	if err != nil {
		return 0
	}
	defer f.Close()
	took := make([]time.Duration, 51)
	page := make([]byte, 4<<10)
	for i := range took {
		start := time.Now()
		_, _ = f.WriteAt(page, int64(i%8)*int64(len(page)))
		_ = f.Sync()
		took[i] = time.Since(start)
	}
	slices.Sort(took)
	return took[len(took)/2]
}

// A busy is how much of the machine was used until some moment.
type busy struct {
	at  time.Time
	all time.Duration // by all processes; negative: not known
	own time.Duration
}

func busyNow() busy { return busy{at: time.Now(), all: busyTime(), own: cpuTime()} }

// others is the share of all cores that was used since by others than this
// process and the simulator; negative: not known.
func (b busy) others(apple *appleProcess) float64 {
	now := busyNow()
	u, err := apple.usage()
	if err != nil || b.all < 0 || now.all < 0 {
		return -1
	}
	used := now.all - b.all - (now.own - b.own) - u.CPU
	return max(0, float64(used)/float64(now.at.Sub(b.at))/float64(runtime.NumCPU()))
}

// busyTime reads the first line of Linux's /proc/stat: user, nice, system,
// idle, iowait, irq, softirq, steal, in hundredths of a second.
func busyTime() time.Duration {
	stat, _ := os.ReadFile("/proc/stat")
	line, _, _ := strings.Cut(string(stat), "\n")
	fields := strings.Fields(line)
	if len(fields) < 9 || fields[0] != "cpu" {
		return -1
	}
	sum := 0
	for _, i := range []int{1, 2, 3, 6, 7, 8} {
		n, _ := strconv.Atoi(fields[i])
		sum += n
	}
	return time.Duration(sum) * 10 * time.Millisecond
}
