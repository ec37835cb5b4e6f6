package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"sync"
	"time"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

type simulation struct {
	context *simulator.Context
	// Where guests are told what becomes of their VMs; nobody is, if empty.
	guests string

	lock   sync.Mutex
	faults []*fault
	calls  []string
}

// What happens to the next calls of a method instead.
type fault struct {
	Method string `json:"method"`
	Times  int    `json:"times"`
	// Answer with this status, without doing anything.
	Status int `json:"status"`
	// Do it, then cut the connection.
	LoseAnswer bool `json:"loseAnswer"`
	SlowMs     int  `json:"slowMs"`
}

var (
	method = regexp.MustCompile(`<(?:\w+:)?Body[^>]*>\s*<(?:\w+:)?(\w+)`)
	vmRef  = regexp.MustCompile(`<(?:_this|vm)\b[^>]*type="VirtualMachine"[^>]*>([^<]+)<`)
	file   = regexp.MustCompile(`<name\b[^>]*>([^<]+\.vmdk)<`)
)

// Stands before the simulator: remembers calls, plays the network's faults, and tells guests.
func (sim *simulation) watch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		found := method.FindSubmatch(body)
		if found == nil {
			next.ServeHTTP(w, r)
			return
		}
		name := string(found[1])
		broken := sim.take(name)
		if broken != nil {
			time.Sleep(time.Duration(broken.SlowMs) * time.Millisecond)
			if broken.Status != 0 {
				http.Error(w, http.StatusText(broken.Status), broken.Status)
				return
			}
		}
		if err := sim.before(name, body); err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		if broken != nil && broken.LoseAnswer {
			next.ServeHTTP(&nowhere{header: http.Header{}}, r)
			panic(http.ErrAbortHandler)
		}
		next.ServeHTTP(w, r)
	})
}

func (sim *simulation) take(name string) *fault {
	sim.lock.Lock()
	defer sim.lock.Unlock()
	var taken *fault
	for _, candidate := range sim.faults {
		if taken == nil && candidate.Method == name && candidate.Times > 0 {
			candidate.Times--
			taken = candidate
		}
	}
	mark := ""
	if taken != nil {
		mark = " fault"
	}
	sim.calls = append(sim.calls, name+mark)
	return taken
}

// A guest is there before its VM is on, and gone before it is off.
func (sim *simulation) before(name string, body []byte) error {
	switch name {
	case "PowerOnVM_Task", "PowerOnMultiVM_Task":
		return sim.eachVM(body, "boot", true)
	case "PowerOffVM_Task", "ShutdownGuest", "Destroy_Task":
		return sim.eachVM(body, "end", false)
	case "DeleteVirtualDisk_Task":
		if found := file.FindSubmatch(body); found != nil {
			return sim.tell("forget", map[string]string{"file": string(found[1])})
		}
	}
	return nil
}

func (sim *simulation) eachVM(body []byte, what string, blank bool) error {
	for _, found := range vmRef.FindAllSubmatch(body, -1) {
		ref := types.ManagedObjectReference{Type: "VirtualMachine", Value: string(found[1])}
		vm, ok := sim.context.Map.Get(ref).(*simulator.VirtualMachine)
		if !ok {
			continue
		}
		if err := sim.tell(what, sim.describe(vm)); err != nil {
			return err
		}
		if blank {
			// As the agent does.
			sim.context.WithLock(vm, func() {
				for _, option := range vm.Config.ExtraConfig {
					if value := option.GetOptionValue(); value.Key == "guestinfo.userdata" {
						value.Value = ""
					}
				}
			})
		}
	}
	return nil
}

func (sim *simulation) tell(what string, about any) error {
	if sim.guests == "" {
		return nil
	}
	body, err := json.Marshal(about)
	if err != nil {
		return err
	}
	answer, err := http.Post(sim.guests+"/"+what, "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(answer.Body)
		return fmt.Errorf("guests: %s", text)
	}
	return nil
}

// An answer that nobody gets.
type nowhere struct{ header http.Header }

func (n *nowhere) Header() http.Header            { return n.header }
func (n *nowhere) Write(part []byte) (int, error) { return len(part), nil }
func (n *nowhere) WriteHeader(int)                {}

// Files of VMs that run are locked, which the simulator leaves out.
type lockedFiles struct {
	*simulator.VirtualDiskManager
	sim *simulation
}

func (sim *simulation) lockFiles() {
	plain := sim.context.Map.VirtualDiskManager().(*simulator.VirtualDiskManager)
	sim.context.Map.Put(&lockedFiles{VirtualDiskManager: plain, sim: sim})
}

func (m *lockedFiles) ExtendVirtualDiskTask(ctx *simulator.Context, req *types.ExtendVirtualDisk_Task) soap.HasFault {
	if holder := m.sim.holderOf(req.Name); holder != "" {
		task := simulator.CreateTask(m.Reference(), "extendVirtualDisk", func(*simulator.Task) (types.AnyType, types.BaseMethodFault) {
			return nil, &types.FileLocked{FileFault: types.FileFault{File: req.Name}}
		})
		return &methods.ExtendVirtualDisk_TaskBody{Res: &types.ExtendVirtualDisk_TaskResponse{Returnval: task.Run(ctx)}}
	}
	return m.VirtualDiskManager.ExtendVirtualDiskTask(ctx, req)
}

func (m *lockedFiles) DeleteVirtualDiskTask(ctx *simulator.Context, req *types.DeleteVirtualDisk_Task) soap.HasFault {
	return m.VirtualDiskManager.DeleteVirtualDiskTask(ctx, req)
}

func (sim *simulation) holderOf(path string) string {
	for _, entity := range sim.context.Map.All("VirtualMachine") {
		vm := entity.(*simulator.VirtualMachine)
		if vm.Runtime.PowerState != types.VirtualMachinePowerStatePoweredOn {
			continue
		}
		for _, disk := range disksOf(vm) {
			if disk.File == path {
				return vm.Name
			}
		}
	}
	return ""
}

type disk struct {
	File string `json:"file"`
	Unit int32  `json:"unit"`
	KiB  int64  `json:"kib"`
	Mode string `json:"mode"`
}

func disksOf(vm *simulator.VirtualMachine) []disk {
	found := []disk{}
	for _, device := range object.VirtualDeviceList(vm.Config.Hardware.Device).SelectByType((*types.VirtualDisk)(nil)) {
		one := device.(*types.VirtualDisk)
		entry := disk{KiB: one.CapacityInKB}
		if one.UnitNumber != nil {
			entry.Unit = *one.UnitNumber
		}
		if backing, ok := one.Backing.(*types.VirtualDiskFlatVer2BackingInfo); ok {
			entry.File, entry.Mode = backing.FileName, backing.DiskMode
		}
		found = append(found, entry)
	}
	return found
}
