"""How fast and how small it is: synthesis, place and route, and the netlist back in simulation."""
