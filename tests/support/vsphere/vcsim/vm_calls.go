package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/vmware/govmomi"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

type vmArgs struct {
	Name       string `json:"name"`
	Pool       string `json:"resourcePoolId"`
	Datastore  string `json:"datastoreId"`
	Folder     string `json:"folder"`
	CPUs       int32  `json:"numCpus"`
	MiB        int64  `json:"memory"`
	Interfaces []struct {
		Network string `json:"networkId"`
		MAC     string `json:"macAddress"`
	} `json:"networkInterfaces"`
	Disks []struct {
		Label     string `json:"label"`
		Unit      int32  `json:"unitNumber"`
		GiB       int64  `json:"size"`
		Attach    bool   `json:"attach"`
		Path      string `json:"path"`
		Datastore string `json:"datastoreId"`
		Mode      string `json:"diskMode"`
	} `json:"disks"`
	Clone struct {
		Template string `json:"templateUuid"`
	} `json:"clone"`
	Guest  string            `json:"guestId"`
	Config map[string]string `json:"extraConfig"`
	Values map[string]string `json:"customAttributes"`
}

func vmByUUID(ctx context.Context, client *govmomi.Client, uuid string) (*object.VirtualMachine, error) {
	found, err := object.NewSearchIndex(client.Client).FindByUuid(ctx, nil, uuid, true, nil)
	if err != nil {
		return nil, err
	}
	if vm, ok := found.(*object.VirtualMachine); ok {
		return vm, nil
	}
	return nil, fmt.Errorf("virtual machine with UUID %q not found", uuid)
}

func reference(kind, id string) types.ManagedObjectReference {
	return types.ManagedObjectReference{Type: kind, Value: id}
}

// Clones, then configures what it cloned, as the provider does; a clone that can't be configured goes again.
func createVM(ctx context.Context, client *govmomi.Client, args vmArgs) (any, error) {
	template, err := vmByUUID(ctx, client, args.Clone.Template)
	if err != nil {
		return nil, err
	}
	var source mo.VirtualMachine
	if err := template.Properties(ctx, template.Reference(), []string{"summary.config"}, &source); err != nil {
		return nil, err
	}
	if guest := source.Summary.Config.GuestId; guest != args.Guest {
		return nil, fmt.Errorf("invalid guest ID %q for clone. Please set it to %q", args.Guest, guest)
	}
	folder, err := folderAt(ctx, client, args.Folder)
	if err != nil {
		return nil, err
	}
	pool, store := reference("ResourcePool", args.Pool), reference("Datastore", args.Datastore)
	task, err := template.Clone(ctx, folder, args.Name, types.VirtualMachineCloneSpec{Location: types.VirtualMachineRelocateSpec{Pool: &pool, Datastore: &store}})
	if err != nil {
		return nil, fmt.Errorf("error cloning virtual machine: %w", err)
	}
	info, err := task.WaitForResult(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("error cloning virtual machine: %w", err)
	}
	vm := object.NewVirtualMachine(client.Client, info.Result.(types.ManagedObjectReference))
	if err := configure(ctx, client, vm, args); err != nil {
		if task, gone := vm.Destroy(ctx); gone == nil {
			_ = task.Wait(ctx)
		}
		return nil, fmt.Errorf("error reconfiguring virtual machine: %w", err)
	}
	return nothing{"id": vm.UUID(ctx), "moid": vm.Reference().Value}, nil
}

// The simulator's only datacenter.
const datacenter = "DC0"

func folderAt(ctx context.Context, client *govmomi.Client, path string) (*object.Folder, error) {
	found, err := object.NewSearchIndex(client.Client).FindByInventoryPath(ctx, "/"+datacenter+"/vm/"+path)
	if err != nil {
		return nil, err
	}
	if folder, ok := found.(*object.Folder); ok {
		return folder, nil
	}
	return nil, fmt.Errorf("folder %q not found", path)
}

func configure(ctx context.Context, client *govmomi.Client, vm *object.VirtualMachine, args vmArgs) error {
	devices, err := vm.Device(ctx)
	if err != nil {
		return err
	}
	spec := types.VirtualMachineConfigSpec{NumCPUs: args.CPUs, MemoryMB: args.MiB}
	for key, value := range args.Config {
		spec.ExtraConfig = append(spec.ExtraConfig, &types.OptionValue{Key: key, Value: value})
	}
	change := func(operation types.VirtualDeviceConfigSpecOperation, file types.VirtualDeviceConfigSpecFileOperation, device types.BaseVirtualDevice) {
		spec.DeviceChange = append(spec.DeviceChange, &types.VirtualDeviceConfigSpec{Operation: operation, FileOperation: file, Device: device})
	}
	for _, device := range devices.SelectByType((*types.VirtualEthernetCard)(nil)) {
		change(types.VirtualDeviceConfigSpecOperationRemove, "", device)
	}
	for i, one := range args.Interfaces {
		backing, err := backingOf(ctx, client, one.Network)
		if err != nil {
			return err
		}
		card, err := devices.CreateEthernetCard("vmxnet3", backing)
		if err != nil {
			return err
		}
		card.GetVirtualDevice().Key = int32(-100 - i)
		ethernet := card.(types.BaseVirtualEthernetCard).GetVirtualEthernetCard()
		ethernet.AddressType, ethernet.MacAddress = string(types.VirtualEthernetCardMacTypeManual), one.MAC
		change(types.VirtualDeviceConfigSpecOperationAdd, "", card)
	}
	controller, err := devices.FindDiskController("")
	if err != nil {
		return err
	}
	for i, one := range args.Disks {
		if one.Unit == 0 {
			if err := checkRoot(devices, one.GiB); err != nil {
				return err
			}
			continue
		}
		store, path, operation := args.Datastore, "", types.VirtualDeviceConfigSpecFileOperationCreate
		if one.Attach {
			found, err := pathOn(ctx, client, one.Datastore, one.Path)
			if err != nil {
				return err
			}
			store, path, operation = one.Datastore, found, ""
		}
		made := devices.CreateDisk(controller, reference("Datastore", store), path)
		made.Key = int32(-200 - i)
		unit := one.Unit
		made.UnitNumber = &unit
		if one.Attach {
			made.Backing.(*types.VirtualDiskFlatVer2BackingInfo).DiskMode = one.Mode
		} else {
			made.CapacityInKB = one.GiB << 20
		}
		change(types.VirtualDeviceConfigSpecOperationAdd, operation, made)
	}
	if _, err := finish(ctx)(vm.Reconfigure(ctx, spec)); err != nil {
		return err
	}
	return setValues(ctx, client, vm, args.Values)
}

func checkRoot(devices object.VirtualDeviceList, gib int64) error {
	for _, device := range devices.SelectByType((*types.VirtualDisk)(nil)) {
		if size := device.(*types.VirtualDisk).CapacityInKB; size > gib<<20 {
			return fmt.Errorf("disk.0: the size of the source disk (%d KiB) is larger than %d GiB", size, gib)
		}
	}
	return nil
}

func backingOf(ctx context.Context, client *govmomi.Client, id string) (types.BaseVirtualDeviceBackingInfo, error) {
	for _, kind := range []string{"DistributedVirtualPortgroup", "Network"} {
		network, ok := object.NewReference(client.Client, reference(kind, id)).(object.NetworkReference)
		if !ok {
			continue
		}
		if backing, err := network.EthernetCardBackingInfo(ctx); err == nil {
			return backing, nil
		}
	}
	return nil, fmt.Errorf("network %q not found", id)
}

func pathOn(ctx context.Context, client *govmomi.Client, datastore, path string) (string, error) {
	name, err := object.NewDatastore(client.Client, reference("Datastore", datastore)).ObjectName(ctx)
	return "[" + name + "] " + path, err
}

func setValues(ctx context.Context, client *govmomi.Client, vm *object.VirtualMachine, values map[string]string) error {
	fields, err := object.GetCustomFieldsManager(client.Client)
	if err != nil {
		return err
	}
	for id, value := range values {
		key, err := strconv.Atoi(id)
		if err != nil {
			return err
		}
		if err := fields.Set(ctx, vm.Reference(), int32(key), value); err != nil {
			return err
		}
	}
	return nil
}

func powerOn(ctx context.Context, client *govmomi.Client, args identified) (any, error) {
	vm, err := vmByUUID(ctx, client, args.ID)
	if err != nil {
		return nil, err
	}
	state, err := vm.PowerState(ctx)
	if err != nil || state == types.VirtualMachinePowerStatePoweredOn {
		return nil, err
	}
	return finish(ctx)(vm.PowerOn(ctx))
}

type updateArgs struct {
	ID     string            `json:"id"`
	Values map[string]string `json:"customAttributes"`
}

func updateVM(ctx context.Context, client *govmomi.Client, args updateArgs) (any, error) {
	vm, err := vmByUUID(ctx, client, args.ID)
	if err != nil {
		return nil, err
	}
	return nil, setValues(ctx, client, vm, args.Values)
}

type removeArgs struct {
	ID string `json:"id"`
	// Units of disks that were attached: they are let go of, not destroyed.
	Keep []int32 `json:"keep"`
}

func deleteVM(ctx context.Context, client *govmomi.Client, args removeArgs) (any, error) {
	vm, err := vmByUUID(ctx, client, args.ID)
	if err != nil {
		return nil, nil
	}
	state, err := vm.PowerState(ctx)
	if err != nil {
		return nil, err
	}
	if state == types.VirtualMachinePowerStatePoweredOn {
		if _, err := finish(ctx)(vm.PowerOff(ctx)); err != nil {
			return nil, err
		}
	}
	devices, err := vm.Device(ctx)
	if err != nil {
		return nil, err
	}
	for _, device := range devices.SelectByType((*types.VirtualDisk)(nil)) {
		for _, unit := range args.Keep {
			if number := device.GetVirtualDevice().UnitNumber; number != nil && *number == unit {
				if err := vm.RemoveDevice(ctx, true, device); err != nil {
					return nil, err
				}
			}
		}
	}
	return finish(ctx)(vm.Destroy(ctx))
}

func hasVM(ctx context.Context, client *govmomi.Client, args identified) (any, error) {
	_, err := vmByUUID(ctx, client, args.ID)
	return map[string]bool{"there": err == nil}, nil
}
