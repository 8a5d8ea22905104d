# {{ title }}
# Made by windrow {{ version }}. It packages {{ name }}.v for Vivado's IP catalogue:
#   vivado -mode batch -source {{ name }}_vivado.tcl [-tclargs PART]
# Then add the folder {{ name }}_vivado to the project's IP repositories.
set here [file dirname [file normalize [info script]]]
set part [expr {[info exists argv] && [llength $argv] > 0 ? [lindex $argv 0] : "xc7z020clg400-1"}]

create_project -in_memory -part $part
add_files -norecurse [list [file join $here {{ name }}.v]{% for file in constraints %} [file join $here {{ file }}]{% endfor %}]
{% for file in constraints %}
set_property SCOPED_TO_REF {{ name }} [get_files {{ file }}]
{% endfor %}
set_property top {{ name }} [current_fileset]
update_compile_order -fileset sources_1

# The buses, clocks and resets come from the attributes X_INTERFACE_INFO in the Verilog.
ipx::package_project -root_dir [file join $here {{ name }}_vivado] -vendor {{ vendor }} -library {{ library }} -taxonomy /Video -import_files -force -set_current true
set core [ipx::current_core]
set_property name {{ name }} $core
set_property version {{ release }} $core
set_property display_name {{ "{" }}{{ name }}{{ "}" }} $core
set_property description {{ "{" }}{{ title }}{{ "}" }} $core
set_property supported_families {} $core
{% for bus in buses if bus.kind in ("stream", "axi-lite") %}
ipx::associate_bus_interfaces -busif {{ bus.name }} -clock {{ bus.clock }} $core
{% endfor %}
{% if registers is not none %}

# The registers, for the address editor and for Vitis.
set map [ipx::get_memory_maps {{ control.name }} -of_objects $core]
set block [ipx::get_address_blocks reg0 -of_objects $map]
{% for register in registers.registers %}
set register [ipx::add_register {{ register.name }} $block]
set_property address_offset {{ "0x%03x" % register.offset }} $register
set_property size 32 $register
set_property description {{ "{" }}{{ register.meaning }}{{ "}" }} $register
{% if register.count > 1 %}
set_property dim {{ register.count }} $register
{% endif %}
{% endfor %}
{% endif %}

ipx::create_xgui_files $core
ipx::update_checksums $core
ipx::check_integrity $core
ipx::save_core $core
