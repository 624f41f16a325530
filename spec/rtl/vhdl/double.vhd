-- double.vhd - a stream whose words come out doubled, TLAST with them; BROKEN drives unknown bits at TVALID after five.
library ieee;
use ieee.std_logic_1164.all;
use ieee.numeric_std.all;

entity double is
  generic (WIDTH : positive := 32; BROKEN : boolean := false);
  port (
    aclk : in std_ulogic;
    aresetn : in std_ulogic;
    s_axis_tdata : in unsigned(WIDTH - 1 downto 0);
    s_axis_tvalid : in std_ulogic;
    s_axis_tlast : in std_ulogic;
    s_axis_tready : buffer std_ulogic;
    m_axis_tdata : out unsigned(0 to WIDTH - 1);
    m_axis_tvalid : buffer std_ulogic;
    m_axis_tlast : out std_ulogic;
    m_axis_tready : in std_ulogic);
end entity double;

architecture rtl of double is
  signal words : natural range 0 to 5;
begin
  s_axis_tready <= m_axis_tready or not m_axis_tvalid;
  process begin
    wait until rising_edge(aclk);
    if s_axis_tready = '1' then
      m_axis_tvalid <= s_axis_tvalid;
      m_axis_tdata <= shift_left(s_axis_tdata, 1);
      m_axis_tlast <= s_axis_tlast;
      if s_axis_tvalid = '1' and words < 5 then words <= words + 1; end if;
      if BROKEN and words = 5 then m_axis_tvalid <= 'W'; end if;
    end if;
    if aresetn = '0' then
      m_axis_tvalid <= '0';
      words <= 0;
    end if;
  end process;
end architecture;
