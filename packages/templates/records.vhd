-- {{ title }}
-- Made by windrow {{ version }}: {{ name }} with a record a port. It is also the template of an instance.
library ieee;
use ieee.std_logic_1164.all;
use work.{{ name }}_pkg.all;
{% set bundled = [] %}
{% for bus in buses if bus.kind in ("stream", "axi-lite") %}{% set _ = bundled.extend(bus.ports.values()) %}{% endfor %}

entity {{ name }}_records is
  port (
{% for port in ports if port.name not in bundled %}
    {{ port.name }} : {{ "in" if port.is_input else "out" }} {% if port.width == 1 %}std_logic{% else %}std_logic_vector({{ port.width - 1 }} downto 0){% endif %};
{% endfor %}
{% for bus in buses if bus.kind in ("stream", "axi-lite") %}
    {{ bus.name }}_in : in {{ name }}_{{ bus.name }}_in_t;
    {{ bus.name }}_out : out {{ name }}_{{ bus.name }}_out_t{{ "" if loop.last else ";" }}
{% endfor %}
  );
end entity;

architecture wrapper of {{ name }}_records is
begin
  core : {{ name }}
    port map (
{% for port in ports if port.name not in bundled %}
      {{ port.name }} => {{ port.name }},
{% endfor %}
{% for bus in buses if bus.kind in ("stream", "axi-lite") %}
{% set last = loop.last %}
{% for signal, port in bus.ports.items() %}
      {{ port }} => {{ bus.name }}_{{ "in" if port in inputs else "out" }}.{{ signal | lower }}{{ "" if last and loop.last else "," }}
{% endfor %}
{% endfor %}
    );
end architecture;
