# {{ title }}
# Made by windrow {{ version }}: {{ name }} as a component of Quartus's Platform Designer, 20.3 or later (axi4stream).
package require qsys 20.3

set_module_property NAME {{ name }}
set_module_property VERSION {{ release }}
set_module_property GROUP "Video/windrow"
set_module_property DISPLAY_NAME {{ name }}
set_module_property DESCRIPTION {{ "{" }}{{ title }}{{ "}" }}
set_module_property EDITABLE false
set_module_property INTERNAL false

foreach set {QUARTUS_SYNTH SIM_VERILOG} {
    add_fileset $set $set {} {}
    set_fileset_property $set TOP_LEVEL {{ name }}
    add_fileset_file {{ name }}.v VERILOG PATH {{ name }}.v
}
{% for file in constraints %}
add_fileset_file {{ file }} SDC PATH {{ file }}
{% endfor %}
{% for bus in buses %}
{% set kind = {"clock": "clock", "reset": "reset", "interrupt": "interrupt", "stream": "axi4stream", "axi-lite": "axi4lite"}[bus.kind] %}
{% set role = {"clock": "clk", "reset": "reset_n", "interrupt": "irq"} %}

add_interface {{ bus.name }} {{ kind }} {{ "end" if bus.is_slave or bus.kind == "interrupt" else "start" }}
{% if bus.kind == "reset" %}
set_interface_property {{ bus.name }} associatedClock aclk
set_interface_property {{ bus.name }} synchronousEdges BOTH
{% elif bus.kind == "interrupt" %}
set_interface_property {{ bus.name }} associatedClock aclk
set_interface_property {{ bus.name }} associatedReset aresetn
{% if control %}
set_interface_property {{ bus.name }} associatedAddressablePoint {{ control.name }}
{% endif %}
{% elif bus.kind in ("stream", "axi-lite") %}
set_interface_property {{ bus.name }} associatedClock {{ bus.clock }}
set_interface_property {{ bus.name }} associatedReset aresetn
{% endif %}
{% for signal, port in bus.ports.items() %}
add_interface_port {{ bus.name }} {{ port }} {{ role.get(bus.kind) or signal | lower }} {{ "Input" if port in inputs else "Output" }} {{ widths[port] }}
{% endfor %}
{% endfor %}
{% for port in alone %}

add_interface {{ port.name }} conduit end
add_interface_port {{ port.name }} {{ port.name }} export {{ "Input" if port.is_input else "Output" }} {{ port.width }}
{% endfor %}
