package main

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"path/filepath"
	"strings"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

type vmState struct {
	ID       string            `json:"id"`
	Name     string            `json:"name"`
	Power    string            `json:"power"`
	Folder   string            `json:"folder"`
	Pool     string            `json:"pool"`
	CPUs     int32             `json:"cpus"`
	MiB      int32             `json:"mib"`
	Template bool              `json:"template"`
	Config   map[string]string `json:"config"`
	Values   map[string]string `json:"values"`
	Macs     []string          `json:"macs"`
	Disks    []disk            `json:"disks"`
}

func (sim *simulation) describe(vm *simulator.VirtualMachine) vmState {
	registry := sim.context.Map
	state := vmState{ID: vm.Config.Uuid, Name: vm.Name, Power: string(vm.Runtime.PowerState), CPUs: vm.Config.Hardware.NumCPU, MiB: vm.Config.Hardware.MemoryMB, Template: vm.Config.Template, Config: map[string]string{}, Values: map[string]string{}, Macs: []string{}, Disks: disksOf(vm)}
	for i := range state.Disks {
		if state.Disks[i].KiB == 0 {
			state.Disks[i].KiB = sim.capacity(state.Disks[i].File)
		}
	}
	if vm.Parent != nil {
		if folder, ok := registry.Get(*vm.Parent).(mo.Entity); ok {
			state.Folder = folder.Entity().Name
		}
	}
	if vm.ResourcePool != nil {
		if pool, ok := registry.Get(*vm.ResourcePool).(mo.Entity); ok {
			state.Pool = pool.Entity().Name
		}
	}
	for _, option := range vm.Config.ExtraConfig {
		if value := option.GetOptionValue(); strings.HasPrefix(value.Key, "guestinfo.") {
			state.Config[value.Key], _ = value.Value.(string)
		}
	}
	names := map[int32]string{}
	for _, field := range registry.CustomFieldsManager().Field {
		names[field.Key] = field.Name
	}
	for _, value := range vm.CustomValue {
		if text, ok := value.(*types.CustomFieldStringValue); ok {
			state.Values[names[text.Key]] = text.Value
		}
	}
	for _, device := range object.VirtualDeviceList(vm.Config.Hardware.Device) {
		if card, ok := device.(types.BaseVirtualEthernetCard); ok {
			state.Macs = append(state.Macs, card.GetVirtualEthernetCard().MacAddress)
		}
	}
	return state
}

// Of an attached file the simulator asks nobody how large it is.
func (sim *simulation) capacity(path string) int64 {
	place := sim.context.Map.Any("Datacenter").Reference()
	descriptor, _, fault := sim.context.Map.FileManager().DiskDescriptor(sim.context, &place, path)
	if fault != nil {
		return 0
	}
	return descriptor.Capacity() / 1024
}

type ruleState struct {
	Cluster string   `json:"cluster"`
	Name    string   `json:"name"`
	Kind    string   `json:"kind"`
	VMs     []string `json:"vms"`
}

func (sim *simulation) rules() []ruleState {
	found := []ruleState{}
	nameOf := func(ref types.ManagedObjectReference) string {
		if vm, ok := sim.context.Map.Get(ref).(*simulator.VirtualMachine); ok {
			return vm.Name
		}
		return "gone"
	}
	for _, entity := range sim.context.Map.All("ClusterComputeResource") {
		cluster := entity.(*simulator.ClusterComputeResource)
		config := cluster.ConfigurationEx.(*types.ClusterConfigInfoEx)
		for _, info := range config.Rule {
			rule := ruleState{Cluster: cluster.Name, Name: info.GetClusterRuleInfo().Name, Kind: "other", VMs: []string{}}
			if apart, ok := info.(*types.ClusterAntiAffinityRuleSpec); ok {
				rule.Kind = "apart"
				for _, vm := range apart.Vm {
					rule.VMs = append(rule.VMs, nameOf(vm))
				}
			}
			found = append(found, rule)
		}
	}
	return found
}

func (sim *simulation) namesOf(kind string) []string {
	names := []string{}
	for _, entity := range sim.context.Map.All(kind) {
		names = append(names, entity.Entity().Name)
	}
	return names
}

// Paths of the descriptors of virtual disks, as vCenter writes them.
func (sim *simulation) files() []string {
	found := []string{}
	for _, entity := range sim.context.Map.All("Datastore") {
		store := entity.(*simulator.Datastore)
		root := store.Info.GetDatastoreInfo().Url
		_ = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() && strings.HasSuffix(path, ".vmdk") && !strings.HasSuffix(path, "-flat.vmdk") {
				relative, _ := filepath.Rel(root, path)
				found = append(found, "["+store.Name+"] "+relative)
			}
			return nil
		})
	}
	return found
}

// What tests ask and set: nothing of it is vCenter's.
func (sim *simulation) control() http.Handler {
	mux := http.NewServeMux()
	answer := func(path string, value func() any) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(value()) })
	}
	answer("/inventory", func() any {
		vms := []vmState{}
		for _, entity := range sim.context.Map.All("VirtualMachine") {
			vms = append(vms, sim.describe(entity.(*simulator.VirtualMachine)))
		}
		fields := []string{}
		for _, field := range sim.context.Map.CustomFieldsManager().Field {
			fields = append(fields, field.Name)
		}
		return map[string]any{"vms": vms, "folders": sim.namesOf("Folder"), "pools": sim.namesOf("ResourcePool"), "fields": fields, "rules": sim.rules(), "files": sim.files()}
	})
	answer("/calls", func() any {
		sim.lock.Lock()
		defer sim.lock.Unlock()
		taken := sim.calls
		sim.calls = nil
		return append([]string{}, taken...)
	})
	mux.HandleFunc("POST /faults", func(w http.ResponseWriter, r *http.Request) {
		one := new(fault)
		if err := json.NewDecoder(r.Body).Decode(one); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		sim.lock.Lock()
		defer sim.lock.Unlock()
		sim.faults = append(sim.faults, one)
	})
	return mux
}
