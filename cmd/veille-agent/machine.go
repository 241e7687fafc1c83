package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/spf13/pflag"

	"veille/agent"
	"veille/agent/inventory"
	"veille/agent/power"
	"veille/agent/recording"
	"veille/agent/uptime"
	"veille/cmd/internal/command"
)

// machine is the flags that say which machine is looked at, and what is known of it.
type machine struct {
	sysfs, procfs, recorded, class, catalogue string
	products                                  []string
}

func (m *machine) flags(fs *pflag.FlagSet) {
	fs.StringVar(&m.sysfs, "sysfs", "/sys", "root of sysfs, or of a copy of it: a `folder`")
	fs.StringVar(&m.procfs, "procfs", "/proc", "root of procfs, or of a copy of it: a `folder`")
	fs.StringVar(&m.class, "class", "", "`class` of the machine where its firmware is wrong or silent: notebook, desktop, mini, all-in-one, thin-client, server")
	command.Values(fs, "class", "notebook", "desktop", "mini", "all-in-one", "thin-client", "server")
}

// knowledgeFlags are those that say what is known of the machine beyond itself.
func (m *machine) knowledgeFlags(fs *pflag.FlagSet) {
	fs.StringVar(&m.catalogue, "models", "", "`file` of products with declared power, as models import makes it; without it models.json in the agent's folder, if it is there")
	fs.StringSliceVar(&m.products, "products", nil, "`names` (maker and model) that many machines of the organisation share: of these, unless the site's policy says less, a record tells the product")
}

// recordedFlag lets the machine be one that was recorded.
func (m *machine) recordedFlag(fs *pflag.FlagSet) {
	fs.StringVar(&m.recorded, "recorded", "", "look at the machine recorded in this `file` instead (see record); it is measured as long as it was recorded")
}

// system is the machine the agent runs on, the one in the folders given, or the recorded one.
func (m *machine) system() (agent.System, error) {
	if m.recorded != "" {
		return m.fromFile()
	}
	for flag, given := range map[string]struct{ dir, own string }{"sysfs": {m.sysfs, "/sys"}, "procfs": {m.procfs, "/proc"}} {
		if given.dir == given.own {
			continue // a system without it is answered by "no meter"
		}
		if info, err := os.Stat(given.dir); err != nil || !info.IsDir() {
			return agent.System{}, command.Usage("--%s %s is not a folder that can be read; give the root of the tree", flag, given.dir)
		}
	}
	system := agent.System{
		OS: runtime.GOOS, Host: agent.NewHost(m.procfs), History: uptime.History,
		Sys: os.DirFS(m.sysfs), Proc: os.DirFS(m.procfs), Root: os.DirFS("/"),
	}
	if m.sysfs != "/sys" { // of another machine, whose settings are not here
		system.Root, system.History = os.DirFS(m.sysfs), nil
	}
	system.Screens = func(panel uptime.Panel) []uptime.Screen { return uptime.ReadScreens(system.Sys, panel) }
	watch, err := uptime.WatchDisplay(system.Sys) // on an error its state is not known, which counts as lit
	system.Display = watch.State
	clocks, _ := uptime.NewClocks(system.Sys, watch.State) // on an error, which Problem keeps, Modern Standby is not told from time on
	system.Clock, system.Trouble = clocks.Read, func() error { return errors.Join(err, clocks.Problem()) }
	if runtime.GOOS != "linux" {
		system.Facts = inventory.ReadFacts
	}
	switch runtime.GOOS {
	case "windows":
		system.EMI, system.Battery = power.EMIDevices, power.ReadSystemBattery
		system.Sleep = func() (uptime.SleepAfter, error) { return uptime.ReadSleepAfter(nil) }
	case "darwin":
		system.IORegistry = power.ReadAppleBattery
	}
	return system, nil
}

func (m *machine) fromFile() (agent.System, error) {
	f, err := os.Open(m.recorded)
	if err != nil {
		return agent.System{}, command.Usage("--recorded: %w; give a file that veille-agent record has made", err)
	}
	defer func() { _ = f.Close() }() // only read
	r, err := recording.Read(f)
	if err != nil {
		return agent.System{}, command.Usage("--recorded %s: %w", m.recorded, err)
	}
	system, err := agent.Recorded(r)
	if err != nil {
		return agent.System{}, command.Usage("--recorded %s: %w", m.recorded, err)
	}
	return system, nil
}

// told is what the agent is told of the machine. data is the agent's folder, "" for none.
func (m *machine) told(data string) (agent.Told, error) {
	told := agent.Told{Class: m.class, Version: command.Version(), Products: m.products}
	name := m.catalogue
	if name == "" && data != "" {
		name = filepath.Join(data, modelsFile)
	}
	info, err := os.Stat(name)
	switch {
	case m.catalogue != "" && err != nil:
		return told, fmt.Errorf("--models: %w; make the file with models import, or wait until its share is there", err)
	case m.catalogue != "" && !info.Mode().IsRegular():
		return told, command.Usage("--models %s is not a file; make one with models import", m.catalogue)
	case err == nil && info.Mode().IsRegular(): // otherwise nothing was imported, or it is not for us to read
		told.Declared = func(maker string, names ...string) (power.Product, bool, error) {
			return findProduct(name, maker, names)
		}
	}
	return told, nil
}

// findProduct looks a product up in a file of products. The file is not kept in memory.
func findProduct(file, maker string, names []string) (power.Product, bool, error) {
	f, err := os.Open(file)
	if err != nil {
		return power.Product{}, false, fmt.Errorf("read the declared power of products: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	product, ok, err := power.FindIn(f, maker, names...)
	if err != nil {
		return power.Product{}, false, fmt.Errorf("%s: %w; make it again with models import", file, err)
	}
	return product, ok, nil
}

// look finds out what the machine is, as the agent with its files in data would.
func (m *machine) look(ctx context.Context, data string) (agent.System, agent.Survey, error) {
	if m.recorded != "" || m.sysfs != "/sys" {
		data = "" // of another machine
	}
	told, err := m.told(data)
	if err != nil {
		return agent.System{}, agent.Survey{}, err
	}
	if data != "" {
		told.Fit = func() (*power.Fit, error) { return agent.ReadFit(data) }
	}
	return m.lookTold(ctx, told)
}

// lookAs finds out what the machine is, for the agent with its files in data. products may be named.
func (m *machine) lookAs(ctx context.Context, system agent.System, data string, products []string) (agent.Survey, error) {
	told, err := m.told(data)
	if err != nil {
		return agent.Survey{}, err
	}
	told.Products = products
	told.Fit = func() (*power.Fit, error) { return agent.ReadFit(data) }
	return survey(ctx, system, told)
}

func (m *machine) lookTold(ctx context.Context, told agent.Told) (agent.System, agent.Survey, error) {
	system, err := m.system()
	if err != nil {
		return agent.System{}, agent.Survey{}, err
	}
	v, err := survey(ctx, system, told)
	return system, v, err
}

func survey(ctx context.Context, system agent.System, told agent.Told) (agent.Survey, error) {
	v, err := system.Look(ctx, told)
	if err != nil {
		return agent.Survey{}, command.Usage("%w", err)
	}
	return v, nil
}
