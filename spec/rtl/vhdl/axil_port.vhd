-- axil_port.vhd - the handshakes of an AXI4-Lite slave: one write and one read at a time. wr, rd: now.
library ieee;
use ieee.std_logic_1164.all;

entity axil_port is
  port (
    aclk, aresetn : in std_logic;
    awvalid : in std_logic;
    awready : out std_logic;
    wvalid : in std_logic;
    wready : out std_logic;
    bvalid : out std_logic;
    bready : in std_logic;
    arvalid : in std_logic;
    arready : out std_logic;
    rvalid : out std_logic;
    rready : in std_logic;
    wr, rd : out std_logic);
end entity;

architecture rtl of axil_port is
  signal b, r : std_logic;
begin
  wr <= awvalid and wvalid and not b;
  rd <= arvalid and not r;
  awready <= wr;
  wready <= wr;
  arready <= not r;
  bvalid <= b;
  rvalid <= r;
  process (aclk) begin
    if rising_edge(aclk) then
      if aresetn = '0' then
        b <= '0';
        r <= '0';
      else
        b <= wr or (b and not bready);
        r <= rd or (r and not rready);
      end if;
    end if;
  end process;
end architecture;
