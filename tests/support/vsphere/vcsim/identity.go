package main

import (
	"sync"

	"github.com/google/uuid"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// The simulator makes UUIDs from names: a VM that takes another's place would be taken for it.
type newIdentities struct{ seen sync.Map }

func (sim *simulation) giveIdentities() {
	sim.context.Map.AddHandler(new(newIdentities))
}

func (*newIdentities) Reference() types.ManagedObjectReference {
	return types.ManagedObjectReference{Type: "NewIdentities", Value: "new-identities"}
}

func (n *newIdentities) PutObject(_ *simulator.Context, item mo.Reference) {
	vm, ok := item.(*simulator.VirtualMachine)
	if !ok || vm.Config == nil {
		return
	}
	if _, seen := n.seen.LoadOrStore(vm.Self, true); seen {
		return
	}
	id := uuid.NewString()
	vm.Config.Uuid, vm.Summary.Config.Uuid = id, id
}

func (*newIdentities) UpdateObject(*simulator.Context, mo.Reference, []types.PropertyChange) {}
func (*newIdentities) RemoveObject(*simulator.Context, types.ManagedObjectReference)         {}
