// {{ title }}
// Made by windrow {{ version }}: {{ name }}.v with an interface a port.
`default_nettype none
{% for bus in buses if bus.kind in ("stream", "axi-lite") %}

interface {{ name }}_{{ bus.name }}_if;
{% for signal, port in bus.ports.items() %}
  logic {% if widths[port] > 1 %}[{{ widths[port] - 1 }}:0] {% endif %}{{ signal | lower }};
{% endfor %}
{# The core's side, and the one that it is connected to. #}
{% for modport, inside in (("core", true), ("outside", false)) %}
  modport {{ modport }} (
{% for signal, port in bus.ports.items() %}
    {{ "input" if (port in inputs) == inside else "output" }} {{ signal | lower }}{{ "" if loop.last else "," }}
{% endfor %}
  );
{% endfor %}
endinterface
{% endfor %}
{% set bundled = [] %}
{% for bus in buses if bus.kind in ("stream", "axi-lite") %}{% set _ = bundled.extend(bus.ports.values()) %}{% endfor %}

module {{ name }}_wrap (
{% for port in ports if port.name not in bundled %}
  {{ "input" if port.is_input else "output" }} wire {% if port.width > 1 %}[{{ port.width - 1 }}:0] {% endif %}{{ port.name }},
{% endfor %}
{% for bus in buses if bus.kind in ("stream", "axi-lite") %}
  {{ name }}_{{ bus.name }}_if.core {{ bus.name }}{{ "" if loop.last else "," }}
{% endfor %}
);
  {{ name }} core (
{% for port in ports if port.name not in bundled %}
    .{{ port.name }}({{ port.name }}),
{% endfor %}
{% for bus in buses if bus.kind in ("stream", "axi-lite") %}
{% set last = loop.last %}
{% for signal, port in bus.ports.items() %}
    .{{ port }}({{ bus.name }}.{{ signal | lower }}){{ "" if last and loop.last else "," }}
{% endfor %}
{% endfor %}
  );
endmodule
`default_nettype wire
