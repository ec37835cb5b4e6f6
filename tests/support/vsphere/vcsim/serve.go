package main

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"

	"github.com/vmware/govmomi"
	"github.com/vmware/govmomi/find"
	_ "github.com/vmware/govmomi/lookup/simulator"
	_ "github.com/vmware/govmomi/pbm/simulator"
	"github.com/vmware/govmomi/simulator"
	_ "github.com/vmware/govmomi/ssoadmin/simulator"
	_ "github.com/vmware/govmomi/sts/simulator"
	_ "github.com/vmware/govmomi/vapi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

const (
	user     = "repave@vsphere.local"
	password = "vcsim-password"
)

// One datacenter with three clusters of two hosts, a pool in each, a datastore and a port group; the simulator's own VMs become templates.
func newModel() *simulator.Model {
	model := simulator.VPX()
	model.Cluster = 3
	model.ClusterHost = 2
	model.Host = 0
	model.Pool = 1
	model.Machine = 1
	model.Autostart = false
	return model
}

// Serves until its input ends.
func serve() error {
	model := newModel()
	if err := model.Create(); err != nil {
		return err
	}
	defer model.Remove()
	service := model.Service
	service.TLS = new(tls.Config)
	service.RegisterEndpoints = true
	service.Listen = &url.URL{Host: "127.0.0.1:0", User: url.UserPassword(user, password)}
	server := service.NewServer()
	defer server.Close()
	// The simulated directory of users has others.
	service.Context.Map.SessionManager().ValidLogin = func(login *types.Login) bool { return login.UserName == user && login.Password == password }
	sim := &simulation{context: service.Context, guests: argument(2)}
	sim.offerHardware()
	sim.lockFiles()
	sim.giveIdentities()
	if err := sim.makeTemplates(server.URL); err != nil {
		return err
	}
	server.Config.Handler = sim.watch(server.Config.Handler)
	control, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go http.Serve(control, sim.control())
	printLine(map[string]string{"server": server.URL.Host, "user": user, "password": password, "control": "http://" + control.Addr().String()})
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// VMs have an older hardware version than hosts offer, and an update of one fails where none is offered by default.
func (sim *simulation) offerHardware() {
	for _, item := range sim.context.Map.AllReference("EnvironmentBrowser") {
		browser := item.(*simulator.EnvironmentBrowser)
		browser.QueryConfigOptionResponse.Returnval = &types.VirtualMachineConfigOption{Version: "vmx-13", HardwareOptions: types.VirtualHardwareOption{HwVersion: 13}}
	}
}

func (sim *simulation) makeTemplates(server *url.URL) error {
	ctx := context.Background()
	client, err := govmomi.NewClient(ctx, server, true)
	if err != nil {
		return err
	}
	defer client.Logout(ctx)
	vms, err := find.NewFinder(client.Client).VirtualMachineList(ctx, "/"+datacenter+"/vm/*")
	if err != nil {
		return err
	}
	for i, vm := range vms {
		task, err := vm.Rename(ctx, "stemcell-"+string(rune('1'+i)))
		if err == nil {
			err = task.Wait(ctx)
		}
		if err == nil {
			err = vm.MarkAsTemplate(ctx)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
