-- {{ title }}
-- Made by windrow {{ version }}: the component of {{ name }}.v, and records of its ports.
library ieee;
use ieee.std_logic_1164.all;
{% macro kind(width) %}{% if width == 1 %}std_logic{% else %}std_logic_vector({{ width - 1 }} downto 0){% endif %}{% endmacro %}

package {{ name }}_pkg is
{% for bus in buses if bus.kind in ("stream", "axi-lite") %}

  -- What goes into {{ bus.name }} from outside, and what comes back or out of it.
{% for side, inward in (("in", true), ("out", false)) %}
  type {{ name }}_{{ bus.name }}_{{ side }}_t is record
{% for signal, port in bus.ports.items() if (port in inputs) == inward %}
    {{ signal | lower }} : {{ kind(widths[port]) }};
{% endfor %}
  end record;
{% endfor %}
{% endfor %}

  component {{ name }} is
    port (
{% for port in ports %}
      {{ port.name }} : {{ "in" if port.is_input else "out" }} {{ kind(port.width) }}{{ "" if loop.last else ";" }}
{% endfor %}
    );
  end component;

end package;
